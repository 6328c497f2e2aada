"""Bodies made at random for the three readers: a value in bounded time or a ValueError that says Malformed."""

import json
import time
from collections.abc import Callable
from decimal import Decimal
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.wire import rails_form, rails_json, rails_xml

IN_TIME = 1.0  # seconds of CPU for one body
pieces = {
    "JSON": [b"{", b"}", b"[", b"]", b",", b":", b'"', b"\\", b"1", b"e", b".", b"-", b"NaN", b"null", b" ", b"\xff"],
    "XML": [
        *(
            b"<a>",
            b"</a>",
            b"<a/>",
            b"<b:c>",
            b"</b:c>",
            b'<a type="array">',
            b'<a nil="true">',
            b"<",
            b">",
            b"&",
            b"t",
        ),
        *(
            b"&#13;",
            b"&#0;",
            b"<![CDATA[",
            b"]]>",
            b"<!DOCTYPE a [",
            b'<!ENTITY x "y">',
            b"]>",
            b"&x;",
            b"<!--",
            b"-->",
        ),
        *(b'<?xml version="1.0" encoding="', b'utf-16"?>', b'utf-7"?>', b'<a type="integer">', b"9", b"\xff", b"\x00"),
    ],
    "form": [b"a", b"b", b"[", b"]", b"[]", b"[a]", b"[b]", b"=", b"&", b"1", b"%5B", b"%", b"+", b"\xff", b"%ff"],
}
READERS: dict[str, Callable[[bytes], object]] = {
    "JSON": rails_json.read,
    "XML": rails_xml.read,
    "form": rails_form.urlencoded,
}


def bodies(format: str) -> st.SearchStrategy[bytes]:
    """Any bytes, pieces of the format in any order, and few pieces very often."""
    some = st.sampled_from(pieces[format])
    repeated = st.builds(lambda piece, many: piece * many, some, st.sampled_from([1, 2, 99, 100, 101, 20_000]))
    return st.binary() | st.lists(some, max_size=60).map(b"".join) | st.lists(repeated, max_size=6).map(b"".join)


def trial(format: str) -> Callable[[], None]:
    """A run of hypothesis: any body is read, or malformed, in time."""

    @given(bodies(format))
    def run(body: bytes) -> None:
        began, told = time.process_time(), f"Malformed {format}"
        try:
            READERS[format](body)
        except ValueError as error:
            told = str(error)
        assert told == f"Malformed {format}"
        assert time.process_time() - began < IN_TIME

    return run


keys = st.text(st.characters(codec="utf-8", exclude_characters="[]"), min_size=1, max_size=8)
texts = st.text(st.characters(codec="utf-8"))
numbers = st.integers(-(10**18) + 1, 10**18 - 1) | st.decimals(allow_nan=False, allow_infinity=False, places=3).map(
    lambda number: number if abs(number) < 10**20 else Decimal(1)
)
json_values = st.recursive(
    texts | numbers | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
elements = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
# A carriage return comes back as one only if it was escaped; blanks around a text are kept, a blank text is none.
leaves = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1).filter(
    lambda text: text.strip() and not {"\ufffe", "\uffff"} & set(text)
)
forms = st.dictionaries(keys, st.dictionaries(keys, texts, min_size=1, max_size=4), max_size=4)
records = st.dictionaries(elements, leaves | st.integers().map(str) | st.none(), min_size=1, max_size=6)


def spelled(value: object) -> str:
    """A value as JSON, fractions digit by digit."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(name)}:{spelled(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(spelled, value)) + "]"
    return str(value) if isinstance(value, Decimal) else json.dumps(value)


def json_come_back(value: object) -> None:
    """What is written is read the same."""
    assert rails_json.read(spelled(value).encode()) == value


def forms_come_back(fields: dict[str, dict[str, str]]) -> None:
    """What is written is read the same."""
    pairs = [(f"{root}[{name}]", value) for root, inner in fields.items() for name, value in inner.items()]
    assert rails_form.urlencoded(urlencode(pairs).encode()) == fields


def xml_come_back(root: str, record: dict[str, str | None]) -> None:
    """What is written is read the same."""
    assert rails_xml.read(rails_xml.record(root, record)) == {root: record}


COMING_BACK = {
    "JSON comes back": lambda: given(json_values)(json_come_back),
    "XML comes back": lambda: given(elements, records)(xml_come_back),
    "forms come back": lambda: given(forms)(forms_come_back),
}
