"""What narrows and sorts an admin list: `scope`, `order` and Ransack's `q[...]`. What is unknown is refused."""

import datetime
import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any, NamedTuple

from marshmallow import ValidationError
from sqlalchemy import ColumnElement, Select, String, and_, cast, not_, or_

from curdbee_compat import current
from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.dates import calendar_date

TRUE, FALSE = ("1", "true", "t", "yes"), ("0", "false", "f", "no")
QUERY = re.compile(r"q\[(\w+)\](?:\[\])?", re.ASCII)
ORDERING = ("gt", "gteq", "lt", "lteq")
UNKNOWN = "is not included in the list"


class Search(NamedTuple):
    """The names of a scope and of an order, and the conditions of `q`."""

    scope: str
    order: str
    conditions: list[ColumnElement[bool]]


def asked(model: Any, schema: Schema) -> Search:
    """What the client asks for. ValidationError for an unknown attribute, predicate, scope or order."""
    sent, attributes, conditions = current.request().args, attributes_of(model, schema), []
    scope, order = sent.get("scope") or "all", sent.get("order") or "id_desc"
    if scope not in scopes_of(model):
        raise ValidationError({"scope": [UNKNOWN]})
    for key in dict.fromkeys(sent):
        if match := QUERY.fullmatch(key):
            conditions.append(condition(match[1], sent.getlist(key), attributes))
        elif key.startswith("q["):
            raise ValidationError({"q": [f"{key} {UNKNOWN}"]})
    name, _, direction = order.rpartition("_")
    if name not in attributes or direction not in ("asc", "desc"):
        raise ValidationError({"order": [UNKNOWN]})
    return Search(scope, order, conditions)


def narrowed(query: Select[Any], model: Any, schema: Schema, scope: str, order: str) -> Select[Any]:
    """The query within a scope, sorted: `date_asc`, `id_desc`. The id decides between equals."""
    name, _, direction = order.rpartition("_")
    column = attributes_of(model, schema)[name]
    places = [column.desc(), model.id.desc()] if direction == "desc" else [column, model.id]
    return query.where(*scopes_of(model)[scope]).order_by(*places)


@cache
def attributes_of(model: Any, schema: Schema) -> dict[str, Any]:
    """The attributes that can be searched and sorted by: those shown, and the timestamps."""
    shown = {name: getattr(model, field.columns[0]) for name, field in schema.plain_fields.items()}
    return {**shown, "created_at": model.created_at, "updated_at": model.updated_at}


def condition(name: str, texts: list[str], attributes: dict[str, Any]) -> ColumnElement[bool]:
    """One `q[attribute_predicate]=text`. A text left empty narrows nothing, as with Ransack."""
    predicate = next((known for known in PREDICATES if name.endswith(f"_{known}")), None)
    column = attributes.get(name.removesuffix(f"_{predicate}"))
    if predicate is None or column is None:
        raise ValidationError({f"q[{name}]": [UNKNOWN]})
    if not any(texts):
        return and_(True)
    try:
        if predicate in ORDERING and column.type.python_type is bool:
            raise ValueError("no more or less true")
        return PREDICATES[predicate](column, texts)
    except ValueError:
        raise ValidationError({f"q[{name}]": ["is invalid"]}) from None


def value(column: Any, text: str) -> Any:
    """A text as the column's own type. ValueError where it is none."""
    kind = column.type.python_type
    if kind is bool:
        return _truth(text)
    if kind is int:
        if len(text) > 19 or not -(2**63) <= int(text) < 2**63:
            raise ValueError("beyond any integer")
        return int(text)
    if kind is datetime.datetime:
        return datetime.datetime.combine(calendar_date(text[:10]), _time(text[10:]))
    if "\0" in text or not text.isprintable():
        raise ValueError("not text")
    return calendar_date(text) if kind is datetime.date else text


def _time(text: str) -> datetime.time:
    return datetime.time.fromisoformat(text.lstrip("T ").removesuffix("Z")) if text else datetime.time()


def _truth(text: str) -> bool:
    if text.lower() not in TRUE + FALSE:
        raise ValueError("neither true nor false")
    return text.lower() in TRUE


def _compared(operator: Callable[[Any, Any], Any]) -> Callable[[Any, list[str]], Any]:
    return lambda column, texts: operator(column, value(column, texts[-1]))


def _text(method: str) -> Callable[[Any, list[str]], Any]:
    return lambda column, texts: getattr(cast(column, String), method)(_printable(texts[-1]), autoescape=True)


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("not text")
    return text


def _several(texts: Iterable[str], column: Any) -> list[Any]:
    """Repeated keys, or one with commas."""
    values = [value(column, part.strip()) for text in texts for part in text.split(",") if part.strip()]
    if len(values) > 1000:
        raise ValueError("too many")
    return values


def _empty(column: Any) -> Any:
    return or_(column.is_(None), column == "") if column.type.python_type is str else column.is_(None)


def _switched(test: Callable[[Any], Any]) -> Callable[[Any, list[str]], Any]:
    """A predicate that is switched by 1 or 0."""
    return lambda column, texts: test(column) if _truth(texts[-1]) else not_(test(column))


# Ransack's names; a longer one stands before what it ends with.
PREDICATES: dict[str, Callable[[Any, list[str]], Any]] = {
    "not_eq": _compared(lambda column, wanted: column != wanted),
    "eq": _compared(lambda column, wanted: column == wanted),
    "gteq": _compared(lambda column, wanted: column >= wanted),
    "gt": _compared(lambda column, wanted: column > wanted),
    "lteq": _compared(lambda column, wanted: column <= wanted),
    "lt": _compared(lambda column, wanted: column < wanted),
    "not_cont": lambda column, texts: not_(_text("icontains")(column, texts)),
    "cont": _text("icontains"),
    "start": _text("istartswith"),
    "end": _text("iendswith"),
    "not_in": lambda column, texts: column.not_in(_several(texts, column)),
    "in": lambda column, texts: column.in_(_several(texts, column)),
    "present": _switched(lambda column: not_(_empty(column))),
    "blank": _switched(_empty),
    "not_null": _switched(lambda column: column.is_not(None)),
    "null": _switched(lambda column: column.is_(None)),
}


@cache
def scopes_of(model: Any) -> dict[str, list[Any]]:
    """ActiveAdmin's tabs over a list, each with its conditions."""
    scopes: dict[str, list[Any]] = {"all": []}
    if hasattr(model, "accounted"):
        scopes |= {"accounted": [model.accounted.is_(True)], "unaccounted": [model.accounted.is_(False)]}
        scopes["possible_duplicate"] = [model.possible_duplicate.is_(True)]
    return scopes
