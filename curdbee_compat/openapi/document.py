"""The OpenAPI 3.1 document of both APIs."""

from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Flask

from curdbee_compat.admin import search
from curdbee_compat.admin.resource import MAX_PER_PAGE, PER_PAGE
from curdbee_compat.openapi import refusals
from curdbee_compat.openapi.bodies import Bodies
from curdbee_compat.openapi.components import Components
from curdbee_compat.openapi.samples import Json
from curdbee_compat.openapi.views import Operation, operations
from curdbee_compat.paging import MAX_SIZE
from curdbee_compat.release import RELEASE

INTRODUCTION = """\
Every path may end in `.json` or `.xml`; without a suffix `?format=`, then `Accept`, then the type of the body sent \
decide, and JSON is the default. JSON bodies have the singular name as root; in XML the names are dasherised. Each \
path also answers HEAD where it answers GET. The public API is the one that CurdBee documented between 2010 and 2012; \
the admin API is for administrators and sees every user's data."""


def build(app: Flask) -> Json:
    """The document as a plain value."""
    plugin = MarshmallowPlugin()
    spec = APISpec(
        title="curdbee-compat",
        version=RELEASE,
        openapi_version="3.1.0",
        info={"description": INTRODUCTION, "license": {"name": "MIT", "identifier": "MIT"}},
        servers=[{"url": "/"}],
        security=[{"basic": []}, {"api_token": []}],
        plugins=[plugin],
    )
    spec.components.security_scheme("basic", {"type": "http", "scheme": "basic"})
    spec.components.security_scheme("api_token", {"type": "apiKey", "in": "query", "name": "api_token"})
    refusals.declare(spec)
    bodies = Bodies(Components(spec, plugin), spec.components.schemas)
    for each in operations(app):
        spec.path(each.path, operations={each.method.lower(): described(spec, each, bodies)})
    for tag in dict.fromkeys(map(tag_of, operations(app))):
        spec.tag({"name": tag})
    return spec.to_dict()


def tag_of(each: Operation) -> str:
    """The heading it stands under."""
    name = each.noun.replace("_", " ")
    return f"Admin: {name}" if each.admin else name.capitalize()


def described(spec: APISpec, each: Operation, bodies: Bodies) -> Json:
    """One operation."""
    responses = {str(each.success): bodies.answer(each)}
    for status in each.statuses:
        responses[str(status)] = refusals.refusal(spec, status, each.admin, each.told.names_missing)
    operation: Json = {
        "operationId": each.id,
        "tags": [tag_of(each)],
        "summary": each.summary,
        "description": each.text,
        "parameters": parameters(each),
        "responses": responses,
    }
    if each.told.takes:
        operation["requestBody"] = bodies.request(each)
    return operation


def parameters(each: Operation) -> list[Json]:
    """Those of the path, of the query, and the header that asks for a 304."""
    integer = {"type": "integer", "minimum": 1}
    found = [{"in": "path", "name": name, "required": True, "schema": integer} for name in each.variables]
    if each.told.many and each.told.resource:
        found += paging(each) + (searching(each) if each.admin else [])
    formats = getattr(each.view, "formats", ("json", "xml"))
    found.append(query("format", {"enum": list(formats)}, "The format of the answer, where the path has no suffix."))
    if each.told.revalidated:
        why = "An ETag; 304 while it is the present one."
        found.append({"in": "header", "name": "If-None-Match", "schema": {"type": "string"}, "description": why})
    return found


def query(name: str, schema: Json, description: str, **more: Any) -> Json:
    """One optional parameter of the query."""
    return {"in": "query", "name": name, "schema": schema, "description": description, **more}


def paging(each: Operation) -> list[Json]:
    """`page`, `per_page` and the filters of a list."""
    resource: Any = each.told.resource
    size, largest = (PER_PAGE, MAX_PER_PAGE) if each.admin else (resource.per_page, MAX_SIZE)
    usual = f"{size} unless sent" if size else "Without this and `page` the list is whole"
    integer = {"type": "integer", "minimum": 1}
    return [
        query("page", integer, "Which page, from 1."),
        query("per_page", integer | {"maximum": largest}, f"How many a page. {usual}."),
        *(query(name, integer, f"Only those whose `{column}` this is.") for name, column in resource.filters.items()),
    ]


def searching(each: Operation) -> list[Json]:
    """`scope`, `order` and `q` of an admin list."""
    resource: Any = each.told.resource
    names = list(search.attributes_of(resource.model, resource.schema))
    orders = [f"{name}_{direction}" for name in names for direction in ("asc", "desc")]
    narrowing = f"`q[ATTRIBUTE_PREDICATE]=value`; all must hold. Attributes: {', '.join(names)}. "
    narrowing += f"Predicates: {', '.join(search.PREDICATES)}."
    texts = {"type": "object", "additionalProperties": {"type": "string"}}
    return [
        query("scope", {"enum": list(search.scopes_of(resource.model)), "default": "all"}, "One of the list's tabs."),
        query("order", {"enum": orders, "default": "id_desc"}, "What the list is sorted by."),
        query("q", texts, narrowing, style="deepObject", explode=True),
    ]
