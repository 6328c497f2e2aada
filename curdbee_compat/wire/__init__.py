"""Bodies in and out: the format of each request, and the two pure writers behind it. Knows no resource, no database."""

import re
from collections.abc import Callable, Collection, Mapping
from contextlib import suppress
from typing import Any

from flask import Response, current_app
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge

from curdbee_compat import current
from curdbee_compat.limits import Limits
from curdbee_compat.messages import Answer
from curdbee_compat.wire import rails_form, rails_json, rails_xml
from curdbee_compat.wire.records import Records

MIMETYPES = {"json": "application/json", "xml": "application/xml", "csv": "text/csv"}
CONTENT_TYPES = {name: f"{mimetype}; charset=utf-8" for name, mimetype in MIMETYPES.items()}
FORMATS = ("json", "xml")
Reader = Callable[[bytes, Limits], Any]
HOST = re.compile(r"([A-Za-z0-9_.-]+|\[[0-9A-Fa-f:.]+\])(?::([0-9]{1,5}))?")


class BadBody(BadRequest):
    """A body that cannot be read at all; `description` says why."""


def wanted(formats: Collection[str] = FORMATS) -> str | None:
    """The format to answer in: suffix, `?format=`, Accept, the body's type, JSON. None: nothing that was asked for."""
    asked = current.request()
    named = asked.environ.get("curdbee.suffix") or asked.args.get("format", "").lower()
    if named:
        return named if named in formats else None
    accepted = sorted(asked.accept_mimetypes, key=lambda item: (item[0] == "*/*", -item[1]))
    refused = {format_of(kind) for kind, quality in accepted if not quality}
    for kind, quality in accepted:
        choices = _unnamed() if kind == "*/*" else [format_of(kind)]
        if quality and (format := next((f for f in choices if f in formats and f not in refused), None)):
            return format
    return None if accepted else _unnamed()[0]


def _unnamed() -> list[str]:
    """The formats for a client that names none: its body's own first, then JSON."""
    own = format_of(current.request().mimetype)
    return ["xml", "json"] if own == "xml" else ["json", "xml"]


def format_of(mimetype: str) -> str | None:
    """The format a media type stands for, or None: `application/*` is JSON, `text/*` XML."""
    mimetype = mimetype.lower().strip()
    subtype = mimetype.partition("/")[2].removeprefix("x-")
    if mimetype == "application/*" or subtype in ("json", "jsonrequest") or subtype.endswith("+json"):
        return "json"
    if mimetype == "text/*" or subtype == "xml" or (subtype.endswith("+xml") and subtype != "xhtml+xml"):
        return "xml"
    return "csv" if mimetype == "text/csv" else None


def answer_format() -> str:
    """The format of this request's answer, failures among them: what was asked for, else JSON."""
    here = current.g()
    if "format" not in here:
        here.format = wanted() or "json"
    return here.format


def settle(formats: Collection[str]) -> bool:
    """Fix the format of this request's answer to one of these; False where none of them was asked for."""
    format = wanted(formats)
    if format in FORMATS:
        current.g().format = format
    return format is not None


def read(root: str, names: Collection[str] = ()) -> dict[str, Any]:
    """The attributes sent under `root`; without it, those at top level if one of `names` is among them.

    Nothing at all is {}. BadBody for a malformed body, ValidationError where `root` holds no attributes."""
    sent = params()
    attributes = sent.get(root)
    if root not in sent and not sent.keys().isdisjoint(names):
        attributes = sent
    if attributes in (None, [], {}) or (isinstance(attributes, str) and not attributes.strip()):
        return {}
    if not isinstance(attributes, dict):
        raise ValidationError({root: ["is invalid"]})
    return attributes


def receive() -> None:
    """Read the body before a lock is taken. What is wrong with it is told by `read`, once the record is known."""
    with suppress(BadBody):
        params()


def params() -> dict[str, Any]:
    """The body as a dict by root, or {} for one that holds no dict. Read once a request."""
    here = current.g()
    if "params" not in here:
        try:
            parsed = _reader()(whole_body(), current_app.config["BODY_LIMITS"])
            here.params = parsed if isinstance(parsed, dict) else {}
        except ValueError as error:
            here.params = BadBody(str(error))
    if isinstance(here.params, BadBody):
        raise here.params
    return here.params


def whole_body() -> bytes:
    """The body as it was announced. ValueError where the connection broke: a form cut short reads like a whole one,
    and a payment of 500.00 like one of 5."""
    asked = current.request()
    content = asked.get_data()
    if len(content) < (asked.content_length or 0):
        raise ValueError("Incomplete body")
    return content


def _reader() -> Reader:
    """By Content-Type; a type that says nothing useful, or curl's default for -d, by the first character."""
    asked = current.request()
    start = asked.get_data().lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    if not start:
        return _nothing
    declared = format_of(asked.mimetype)
    if asked.mimetype == "multipart/form-data":
        return _multipart
    if declared in FORMATS:
        return READERS[declared]
    if start in SNIFFED:
        return READERS[SNIFFED[start]]
    if asked.mimetype == "application/x-www-form-urlencoded":
        return rails_form.urlencoded
    return READERS.get(asked.environ.get("curdbee.suffix"), _nothing)


def _nothing(body: bytes, limits: Limits) -> Any:
    return {}


def _multipart(body: bytes, limits: Limits) -> Any:
    """What werkzeug makes of the body. Its length has been looked at, so what it finds too large are the parts."""
    try:
        return rails_form.read(current.request().form.items(multi=True), limits)
    except RequestEntityTooLarge:
        raise ValueError("Malformed form") from None


READERS: dict[str | None, Reader] = {"json": rails_json.read, "xml": rails_xml.read}
SNIFFED = {b"{": "json", b"[": "json", b"<": "xml"}


def write(root: str, value: Mapping[str, Any], status: int = 200) -> Response:
    """One record: `value` is plain, the root is added here."""
    writer = rails_xml.record if answer_format() == "xml" else rails_json.record
    return body(writer(root, value), status)


def write_list(plural: str, root: str, values: Records) -> Response:
    """A collection as the public API has it: in JSON a bare array of wrapped records."""
    if answer_format() == "xml":
        return body(rails_xml.collection(plural, root, values))
    return body(rails_json.collection(root, values))


def write_wrapped(plural: str, root: str, values: Records) -> Response:
    """A collection as the admin API has it: in JSON one object, the records bare inside."""
    if answer_format() == "xml":
        return body(rails_xml.collection(plural, root, values))
    return body(rails_json.wrapped(plural, values))


def write_errors(pairs: Any, messages: list[str], status: int) -> Response:
    """Why a body was refused: `pairs` in JSON, whole sentences in XML."""
    if answer_format() == "xml":
        return body(rails_xml.errors(messages), status)
    return body(rails_json.document(pairs), status)


def write_status(value: Mapping[str, Any], status: int) -> Response:
    """A failure that is about the request and not about attributes, in the shape of Rails' own error pages."""
    if answer_format() == "xml":
        return body(rails_xml.record("hash", value), status)
    return body(rails_json.document(value), status)


def empty(status: int = 200) -> Response:
    """A success with nothing to say; the type is that of the format all the same."""
    return body(b"", status)


def body(content: bytes, status: int = 200) -> Response:
    """A response in the request's format."""
    headers = [("Content-Type", CONTENT_TYPES[answer_format()]), ("Cache-Control", "no-cache")]
    if not current.request().environ.get("curdbee.suffix"):
        headers.append(("Vary", "Accept"))
    return Answer(content, status, headers)


def absolute(path: str) -> str:
    """The URL of a path here, by the client's own Host where that is one, else by the server's address."""
    asked = current.request()
    environ = asked.environ
    host = environ.get("HTTP_HOST", "")
    named = HOST.fullmatch(host)
    if not named or int(named[2] or 0) > 65535:
        name = f"[{environ['SERVER_NAME']}]" if ":" in environ["SERVER_NAME"] else environ["SERVER_NAME"]
        host = f"{name}:{environ['SERVER_PORT']}"
    return f"{asked.scheme}://{host}{path}"
