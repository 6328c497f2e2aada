"""What is sent and answered, in each of its formats, with an example."""

from collections.abc import Mapping
from http import HTTPStatus

from curdbee_compat.openapi.components import Components
from curdbee_compat.openapi.samples import Json, Samples
from curdbee_compat.openapi.views import Operation
from curdbee_compat.wire import rails_xml
from curdbee_compat.wire.records import Records

JSON, XML, FORM = "application/json", "application/xml", "application/x-www-form-urlencoded"


class Bodies:
    """Requests and responses of operations; the schemas that they refer to become components."""

    def __init__(self, components: Components, schemas: Mapping[str, Json]) -> None:
        self._components = components
        self._samples = Samples(schemas)

    def request(self, each: Operation) -> Json:
        """The body that a view takes: under its root in JSON and in forms, the root itself in XML."""
        schema = each.told.takes
        if isinstance(schema, dict):
            sample = self._samples.sent(schema)
            return {"required": True, "content": {JSON: {"schema": schema, "example": sample}}}
        partial = each.method != "POST"
        described = self._components.sent(schema, partial)
        sample = self._samples.sent(described)
        wrapped = _rooted(schema.root, described)
        content = {
            JSON: {"schema": wrapped, "example": {schema.root: sample}},
            XML: _in_xml(schema.root, described, rails_xml.record(schema.root, sample)),
            FORM: {"schema": wrapped, "encoding": {schema.root: {"style": "deepObject", "explode": True}}},
        }
        required = not partial and bool(described) and "required" in self._samples.resolved(described)
        return {"required": required, "content": content}

    def answer(self, each: Operation) -> Json:
        """The response of success."""
        response: Json = {"description": HTTPStatus(each.success).phrase}
        schema = each.told.answer
        if schema is None:
            return response
        if isinstance(schema, dict):
            value = self._samples.answered(schema)
            xml = _in_xml("hash", schema, rails_xml.record("hash", value))
            return response | {"content": {JSON: {"schema": schema, "example": value}, XML: xml}}
        described = self._components.answered(schema)
        sample = self._samples.answered(described)
        if each.told.many:
            response["content"] = self._list(each, described, sample)
        else:
            response["content"] = {
                JSON: {"schema": _rooted(schema.root, described), "example": {schema.root: sample}},
                XML: _in_xml(schema.root, described, rails_xml.record(schema.root, sample)),
            }
        return response | _headers(each)

    def _list(self, each: Operation, described: Json, sample: Json) -> Json:
        root, plural = each.told.answer.root, each.told.answer.plural
        doubled, written = each.told.xml, each.told.xml or rails_xml.collection
        named = {"xml": {"name": root}}
        xml = {
            "schema": {
                "type": "array",
                "items": _rooted(root, described) | named if doubled else described | named,
                "xml": {"name": plural.replace("_", "-"), "wrapped": True},
            },
            "example": written(plural, root, Records.of([sample])).decode(),
        }
        if not each.admin:
            bare = {"type": "array", "items": _rooted(root, described)}
            return {JSON: {"schema": bare, "example": [{root: sample}]}, XML: xml}
        wrapped = _rooted(plural, {"type": "array", "items": described})
        csv = {"text/csv": {"schema": {"type": "string"}}}
        return {JSON: {"schema": wrapped, "example": {plural: [sample]}}, XML: xml} | csv


def _rooted(root: str, schema: Json) -> Json:
    return {"type": "object", "properties": {root: schema}, "required": [root]}


def _in_xml(root: str, schema: Json, example: bytes) -> Json:
    return {"schema": schema | {"xml": {"name": root.replace("_", "-")}}, "example": example.decode()}


def _headers(each: Operation) -> Json:
    if each.told.revalidated:
        return {"headers": {"ETag": {"schema": {"type": "string"}}}}
    if each.method == "GET":
        return {}
    where = {"description": "Where the record can be read.", "schema": {"type": "string"}}
    return {"headers": {"Location": where}}
