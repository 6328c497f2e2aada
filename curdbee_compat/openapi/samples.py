"""Examples made from JSON Schemas: each field gives its own."""

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]
PLAIN = {"integer": 1, "number": 1.0, "boolean": False, "string": ""}


class Samples:
    """Values that fit a schema; `schemas` are those that a `$ref` may name."""

    def __init__(self, schemas: Mapping[str, Json]) -> None:
        self._schemas = schemas

    def resolved(self, schema: Json) -> Json:
        """The schema itself, or the one it refers to."""
        return self._schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema

    def answered(self, schema: Json) -> Any:
        """A value with every attribute that is always there; what may be null and has no example is null."""
        schema = self.resolved(schema)
        if "examples" in schema:
            return schema["examples"][0]
        if "enum" in schema:
            return schema["enum"][0]
        if "null" in schema["type"]:
            return None
        if schema["type"] == "array":
            return [self.answered(schema["items"])]
        if schema["type"] == "object":
            properties = schema["properties"]
            return {name: self.answered(properties[name]) for name in schema.get("required") or properties}
        return PLAIN[schema["type"]]

    def sent(self, schema: Json) -> Any:
        """A value with what is required, and whatever else has an example; lines too, but those with no id."""
        schema = self.resolved(schema)
        if "properties" not in schema or "examples" in schema:
            return self.answered(schema)
        required = schema.get("required", ())
        values = {}
        for name, value in schema["properties"].items():
            if "items" in value and "examples" not in value and "$ref" in value["items"]:
                values[name] = [self.sent(value["items"])]
            elif name in required or "examples" in value:
                values[name] = self.sent(value)
        return values
