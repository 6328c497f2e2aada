"""Schemas of the wire as JSON Schemas: each as it is answered, as a new record is sent, and as a change is sent."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow.fields import Field

from curdbee_compat.openapi.samples import Json
from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import Text, Wire
from curdbee_compat.schemas.lines import LineChanges, Lines


class Components:
    """The component schemas of one document; each is put there when it is first asked for."""

    def __init__(self, spec: APISpec, plugin: MarshmallowPlugin) -> None:
        def properties(_converter: Any, field: Field, ret: Json, **_: Any) -> Json:
            # A schema here is of one direction only, so each of its properties would be marked.
            ret.pop("readOnly", None)
            ret.pop("writeOnly", None)
            return self._properties(field)

        self._spec = spec
        assert plugin.converter is not None  # since the plugin was given to the document
        self._converter = plugin.converter
        self._converter.add_attribute_function(properties)

    def answered(self, schema: Schema) -> Json:
        """What a record looks like in an answer: every attribute is there, but for flags that are not true."""
        names = tuple(schema.dump_fields)
        shown = type(schema)(only=names, dump_only=names)
        return self._kept(_name(schema), shown, required=[name for name in names if name not in schema.flags])

    def sent(self, schema: Schema, partial: bool) -> Json:
        """What may be sent of a record; of a change (`partial`) nothing is required."""
        names = tuple(schema.load_fields)
        name = f"{_name(schema)}Change" if partial else f"New{_name(schema)}"
        required = [] if partial else [field for field in names if schema.load_fields[field].required]
        return self._kept(name, type(schema)(only=names, load_only=names), required=required)

    def _kept(self, name: str, schema: Schema, required: list[str]) -> Json:
        if name not in self._spec.components.schemas:
            definition = self._converter.fields2jsonschema(schema.fields)
            definition.pop("required", None)
            described = {"description": " ".join((type(schema).__doc__ or "").split()), **definition}
            self._spec.components.schema(name, described | ({"required": required} if required else {}))
        return {"$ref": f"#/components/schemas/{name}"}

    def _properties(self, field: Field) -> Json:
        described = self._kind(field) | _written_in_xml(str(field.name))
        null = field.allow_none if field.dump_only else not field.required
        if null and "type" in described:
            types = described["type"]
            described["type"] = [*([types] if isinstance(types, str) else types), "null"]
        return described

    def _kind(self, field: Field) -> Json:
        if isinstance(field, Lines):
            return {"type": "array", "items": self.answered(field.schema)}
        if isinstance(field, LineChanges):
            items = self.sent(field.schema, partial=True)
            return {"type": ["array", "object"], "items": items, "additionalProperties": items, **_explained(field)}
        assert isinstance(field, Wire), field
        if field.dump_only:
            return {**_explained(field), **field.openapi, **field.metadata}
        limit = {"maxLength": field.limit} if isinstance(field, Text) else {}
        return {**_explained(field), **(field.openapi_sent or field.openapi), **field.metadata, **limit}


def _name(schema: Schema) -> str:
    return type(schema).__name__.removesuffix("Schema")


def _explained(field: Field) -> Json:
    """The docstring of a kind of field that belongs to one resource; those that all share explain themselves."""
    kind = type(field)
    return {} if kind.__module__ == Wire.__module__ else {"description": " ".join((kind.__doc__ or "").split())}


def _written_in_xml(name: str) -> Json:
    return {"xml": {"name": name.replace("_", "-")}} if "_" in name else {}
