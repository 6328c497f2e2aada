"""The answers that are no success, as the two APIs word them."""

import re
from http import HTTPStatus
from typing import Any

from apispec import APISpec

from curdbee_compat.errors import sentence
from curdbee_compat.openapi.samples import Json
from curdbee_compat.wire import rails_xml

STRINGS = {"type": "array", "items": {"type": "string"}}
SCHEMAS: dict[str, Json] = {
    "Status": {
        "description": "A refusal that is about the request and not about attributes. In XML the root is `hash`.",
        "type": "object",
        "properties": {"status": {"type": "integer"}, "error": {"type": "string"}},
        "required": ["status", "error"],
        "xml": {"name": "hash"},
    },
    "Pairs": {
        "description": "Why a body was refused: attributes with messages. `base` is the record as a whole.",
        "type": "array",
        "items": STRINGS | {"minItems": 2, "maxItems": 2},
    },
    "Messages": {
        "description": "Why the admin API refused a body: messages by attribute; of a batch also by record.",
        "type": "object",
        "properties": {
            "errors": {"type": "object", "additionalProperties": STRINGS},
            "record_errors": {"type": "object", "additionalProperties": {"type": "object"}},
        },
        "required": ["errors"],
    },
    "Errors": {
        "description": "Why a body was refused, in XML: whole sentences.",
        "type": "array",
        "items": {"type": "string", "xml": {"name": "error"}},
        "xml": {"name": "errors", "wrapped": True},
    },
}
WHY = {
    304: "The client has it already: `If-None-Match` named the present ETag.",
    400: "The body cannot be read; in the admin API also: it has no root element.",
    401: "No credentials, or wrong ones.",
    403: "The user is no administrator; or a page of another site made a browser send the request.",
    404: "There is no such record among those that the user may see.",
    405: "`_method` or `X-HTTP-Method-Override` named a method that the path does not have.",
    406: "An unknown suffix or `format`, or an `Accept` that admits neither JSON nor XML.",
    409: "Another request came first, and only the database could tell.",
    413: "The body is larger than the server's limit.",
    422: "What was sent, or asked for, cannot be.",
    429: "Too many failed logins.",
    503: "The database is busy or away. Try again.",
}
HEADERS = {
    304: ("ETag", "string"),
    401: ("WWW-Authenticate", "string"),
    405: ("Allow", "string"),
    429: ("Retry-After", "integer"),
    503: ("Retry-After", "integer"),
}
REASONS = {400: ["base", "Malformed JSON"], 422: ["date", "can't be blank"]}


def declare(spec: APISpec) -> None:
    """Put the shapes of refusals among the components."""
    for name, schema in SCHEMAS.items():
        spec.components.schema(name, schema)


def refusal(spec: APISpec, status: int, admin: bool, names_missing: bool = False) -> Json:
    """A reference to one response, which becomes a component; a 404 may also say what was not found."""
    named = names_missing and status == 404
    name = re.sub(r"\W", "", HTTPStatus(status).phrase.title())
    if admin and (status in REASONS or named):
        name = f"Admin{name}"
    if name not in spec.components.responses:
        spec.components.response(name, _response(status, admin, named))
    return {"$ref": f"#/components/responses/{name}"}


def _response(status: int, admin: bool, named: bool) -> Json:
    response: Json = {"description": WHY[status]}
    if header := HEADERS.get(status):
        response["headers"] = {header[0]: {"schema": {"type": header[1]}}}
    return response | ({} if status == 304 else {"content": _content(status, admin, named)})


def _content(status: int, admin: bool, named: bool) -> Json:
    if status == 422 or (status == 400 and not admin):
        name, message = REASONS[status]
        xml = rails_xml.errors([sentence(name, message)])
        if admin:
            return _both("Messages", {"errors": {name: [message]}}, "Errors", xml)
        return _both("Pairs", [[name, message]], "Errors", xml)
    value = {"status": status, "error": HTTPStatus(status).phrase}
    content = _both("Status", value, "Status", rails_xml.record("hash", value))
    if named:
        content["application/json"]["schema"] = {"anyOf": [_ref("Status"), _ref("Messages")]}
        content["application/xml"]["schema"] = {"anyOf": [_ref("Status"), _ref("Errors")]}
    return content


def _both(json_schema: str, value: Any, xml_schema: str, xml: bytes) -> Json:
    return {
        "application/json": {"schema": _ref(json_schema), "example": value},
        "application/xml": {"schema": _ref(xml_schema), "example": xml.decode()},
    }


def _ref(name: str) -> Json:
    return {"$ref": f"#/components/schemas/{name}"}
