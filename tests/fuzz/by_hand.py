"""Requests no client should send: odd ids, suffixes, searches, types, charsets, bodies that lie about themselves."""

import json
import re
from urllib.parse import quote

from described import JSON, OPERATIONS, Operation
from hypothesis import strategies as st
from kinds import KINDS, LINE

from fuzz.exchange import Headers, Request
from fuzz.ground import Ground

WRITING = [each for each in OPERATIONS if each.sent(JSON)]
VARIABLE = re.compile(r"\{\w+\}")
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"]
ODD = [
    "",
    "\x00",
    "\ufeff",
    "a\x01b",
    "\ud800",
    "\uffff",
    "é",
    "٣",
    "1e400",
    "NaN",
    "-1",
    "9" * 30,
    "'; --",
    "%s%n",
    "=",
]
ODD_IDS = ["0", "00001", "-1", "1.5", "1e3", "9" * 20, "9" * 41, "%00", "%FF", "%2e%2e", "1%2f1", "1;x", "new", "*", ""]
SUFFIXES = ["", "", ".json", ".xml", ".csv", ".yaml", ".", ".JSON", ".json.xml", "/", "//", ".%00", ".xml%20"]
TYPES = [
    *("application/json", "application/xml", "application/x-www-form-urlencoded", "text/xml", "text/plain", "text/csv"),
    *("application/json; charset=utf-16", "application/xml; charset=no-such", "application/x-www-form-urlencoded; c"),
    *("multipart/form-data; boundary=b", "multipart/form-data", "", "/", "application/json;;;", "image/png; q="),
]
ACCEPTED = [
    "",
    "*/*",
    "application/xml",
    "application/json;q=0",
    "text/html",
    "a",
    ",;q=x",
    "*/*;q=nan",
    "text/*;q=1e9",
]
ATTRIBUTES = sorted({name for kind in KINDS.values() for name in (*kind.created, *kind.changed)} | {"id", "user_id"})
ROOTS = [*(kind.root for kind in KINDS.values()), "invoice_payment", "payment_method", "delivery", "nothing"]
ARGUMENTS = [
    *("page", "per_page", "order", "scope", "client", "format", "api_token", "q", "q[]", "q[id_eq]", "q[id_in]"),
    *("q[date_gteq]", "q[amount_cents_lt]", "q[a][b]", "q[payment_method_id_not_eq]", "q[accounted_eq]", "_method"),
]

texts = st.sampled_from(ODD) | st.text(max_size=12)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**63, -(2**63), 10**40])
scalars = texts | numbers | st.booleans() | st.none() | st.sampled_from(["2010-09-30", "5.00", "10%", "$5.00", [LINE]])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(ATTRIBUTES) | texts, inner, max_size=3),
    max_leaves=6,
)
attributes = st.dictionaries(st.sampled_from(ATTRIBUTES) | texts, values, max_size=6)
roots = st.sampled_from(ROOTS)


def as_json(root: str, sent: object) -> bytes:
    """A body that may hold lone surrogates, as escapes."""
    return json.dumps({root: sent}).encode()


def as_form(root: str, sent: dict[str, object]) -> bytes:
    """Names in brackets, whatever is in the values."""
    return "&".join(f"{root}[{name}]={quote(str(value), errors='replace')}" for name, value in sent.items()).encode(
        errors="replace"
    )


def as_xml(root: str, sent: dict[str, object]) -> bytes:
    """Elements, well formed only by luck."""
    inner = "".join(f"<{name}>{value}</{name}>" for name, value in sent.items())
    return f"<{root}>{inner}</{root}>".encode(errors="replace")


def as_parts(root: str, sent: dict[str, object]) -> bytes:
    """multipart/form-data with the boundary `b`."""
    parts = [f'--b\r\nContent-Disposition: form-data; name="{root}[{name}]"\r\n\r\n{sent[name]}\r\n' for name in sent]
    return "".join([*parts, "--b--\r\n"]).encode(errors="replace")


WRITERS = {
    "application/json": as_json,
    "application/xml": as_xml,
    "application/x-www-form-urlencoded": as_form,
    "multipart/form-data; boundary=b": as_parts,
}
written = st.builds(
    lambda write, root, sent: write(root, sent), st.sampled_from(list(WRITERS.values())), roots, attributes
)
deep = st.builds(
    lambda opening, many, closing: opening * many + closing * many,
    st.sampled_from([b"[", b'{"a":', b"<a>", b"a[b]", b'{"payment":[']),
    st.sampled_from([50, 100, 101, 5000]),
    st.sampled_from([b"", b"]", b"}", b"</a>", b"]}"]),
)
bodies = st.one_of(
    written,
    st.builds(lambda body, cut: body[: cut % (len(body) + 1)], written, st.integers(0, 10_000)),
    st.builds(lambda body, junk: body + junk, written, st.binary(max_size=8)),
    st.builds(lambda body: body.decode().encode("utf-16"), written),
    deep,
    st.binary(max_size=64),
    st.sampled_from(
        [b"", b"null", b"[]", b"\xef\xbb\xbf{}", b"_method=delete", b"_method=%FF&a", b"9" * 5000, b"1e999"]
    ),
)
queries = st.lists(
    st.tuples(
        st.sampled_from(ARGUMENTS) | texts, texts | st.sampled_from(["1", "id_desc", "all", "xml", "csv", "500"])
    ),
    max_size=3,
).map(lambda pairs: "&".join(f"{encoded(name)}={encoded(value)}" for name, value in pairs))


def encoded(text: str) -> str:
    """As in a URL; half a character as bytes that are no UTF-8."""
    return quote(text, errors="surrogatepass")


# Wrong ones are rare: most requests should come past them.
rarely = st.sampled_from([False] * 5 + [True])
headers = st.tuples(
    st.sampled_from(ACCEPTED).map(lambda value: ("Accept", value)),
    st.sampled_from(["delete", "PUT", "BREW", " "]).map(lambda value: ("X-HTTP-Method-Override", value)),
)


@st.composite
def honest(draw: st.DrawFn, operation: Operation) -> tuple[str, bytes]:
    """A type and a body of that type: the example of the document, with odd values for some attributes."""
    example = operation.sent(JSON) or {"nothing": {}}
    root, sent = next(iter(example.items()))
    kind = draw(st.sampled_from(list(WRITERS)))
    odd = dict(draw(st.lists(st.tuples(st.sampled_from(ATTRIBUTES), values), max_size=2)))
    return kind, WRITERS[kind](root, (sent if isinstance(sent, dict) else {}) | odd)


@st.composite
def requests(draw: st.DrawFn, ground: Ground) -> Request:
    """Mostly to records that are there, and with one thing wrong or two."""
    operation = draw(st.sampled_from(OPERATIONS) | st.sampled_from(WRITING))
    path = operation.path.format(**ground.values(operation.path))
    if draw(rarely):
        path = VARIABLE.sub(lambda _: draw(st.sampled_from(ODD_IDS)), operation.path)
    suffix = draw(st.sampled_from(SUFFIXES if draw(rarely) else ["", ".json", ".xml"]))
    target = "?".join(filter(None, [path + suffix, draw(queries)]))
    method = draw(st.sampled_from(METHODS)) if draw(rarely) else operation.method
    kind, body = draw(honest(operation)) if draw(st.booleans()) else (draw(st.sampled_from(TYPES)), draw(bodies))
    sent: Headers = (("Content-Type", kind), *(header for header in draw(headers) if draw(rarely)))
    return Request(method, target, tuple(pair for pair in sent if pair[1]), body, draw(rarely))
