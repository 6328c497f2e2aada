"""The OpenAPI document as tests use it: its operations, and whether a real answer fits what it says."""

import re
from dataclasses import dataclass
from typing import Any

from flask import Flask
from jsonschema import Draft202012Validator, FormatChecker
from werkzeug.test import TestResponse

from curdbee_compat import IdConverter, admin, api
from curdbee_compat.openapi.document import build

JSON, XML = "application/json", "application/xml"


def routes() -> Flask:
    """An application with nothing but the routes of both APIs."""
    app = Flask("routes")
    app.url_map.converters["id"] = IdConverter
    app.register_blueprint(api.blueprint)
    app.register_blueprint(admin.blueprint)
    return app


DOCUMENT: dict[str, Any] = build(routes())


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str

    @property
    def told(self) -> dict[str, Any]:
        """What the document says of it."""
        return DOCUMENT["paths"][self.path][self.method.lower()]

    @property
    def success(self) -> int:
        """The status of success."""
        return next(int(status) for status in self.told["responses"] if status.startswith("2"))

    def sent(self, media: str) -> Any:
        """The example of the body, if it takes one in that format."""
        return self.told.get("requestBody", {}).get("content", {}).get(media, {}).get("example")

    def response(self, status: int) -> dict[str, Any]:
        """What it says of a status. KeyError where that is none of its own."""
        return resolved(self.told["responses"][str(status)])

    def check(self, response: TestResponse) -> None:
        """Fail unless status, type and body are as the document says, with no attribute more or less."""
        content = self.response(response.status_code).get("content")
        if content is None:
            assert response.get_data() == b""
            return
        told = content[response.mimetype]
        if response.mimetype == JSON:
            validator = Draft202012Validator(
                closed(told["schema"]) | {"components": closed(DOCUMENT["components"])}, format_checker=FormatChecker()
            )
            validator.validate(response.get_json())
        if response.mimetype == XML:
            assert opened(response.get_data(as_text=True)) == opened(told["example"])


OPERATIONS = [
    Operation(method.upper(), path) for path, operations in DOCUMENT["paths"].items() for method in operations
]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """The part itself, or the one it refers to."""
    if "$ref" not in part:
        return part
    found: Any = DOCUMENT
    for name in part["$ref"].removeprefix("#/").split("/"):
        found = found[name]
    return found


def closed(schema: Any) -> Any:
    """The same schema without room for anything that it does not name."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(each) for name, each in schema.items() if name != "examples"}
    named = isinstance(inner.get("properties"), dict) and inner.get("type") == "object"
    return {"additionalProperties": False} | inner if named else inner


def opened(xml: str) -> set[str]:
    """The names of all elements."""
    return set(re.findall(r"<([a-z][\w-]*)", xml))
