"""Records read, inserted and changed by prepared statements, where a session would take longer than the whole request.

They belong to no session: whoever reads one sets the relations that are needed."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Column, bindparam, insert, inspect, update
from sqlalchemy.orm import InstrumentedAttribute, make_transient_to_detached

from curdbee_compat.models.base import Record, column_names, now
from curdbee_compat.prepared import Prepared, once


def columns(model: Any) -> list[InstrumentedAttribute[Any]]:
    """What `loaded` needs of a model."""
    return [getattr(model, name) for name in column_names(model)]


def loaded(models: Sequence[Any], row: Sequence[Any]) -> list[Any]:
    """The records in a row of the columns of all these models; None for one that the row was not joined with."""
    values = iter(row)
    found = [(model, dict(zip(column_names(model), values, strict=False))) for model in models]
    return [_as_loaded(model, named) if named["id"] is not None else None for model, named in found]


def store(record: Record, **values: Any) -> None:
    """Insert a new record, `values` being what its `computed` columns are made of; it is told its id and those."""
    model: Any = type(record)
    for name, default in once(_defaults, model).items():
        if name not in record.__dict__:
            setattr(record, name, default.arg(None) if default.is_callable else default.arg)
    row = {name: getattr(record, name) for name in column_names(model)}
    given = once(_inserting, model).all(row | values)[0]
    for name, value in zip(("id", *model.computed), given, strict=True):
        setattr(record, name, value)


def store_changes(record: Record) -> None:
    """Update the columns that have changed, if any has."""
    model: Any = type(record)
    if changed := record.replaced():
        record.updated_at = now()
        names = tuple(sorted({*changed, "updated_at"}))
        values = {name: getattr(record, name) for name in names}
        once(_updating, model, names).all({"row_id": record.id, **values})


def store_rows(model: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert a few rows of all columns but the id, in one statement."""
    values = {f"{name}_{place}": value for place, row in enumerate(rows) for name, value in row.items()}
    once(_inserting_rows, model, len(rows)).all(values)


def _as_loaded(model: Any, values: Mapping[str, Any]) -> Record:
    record = inspect(model).class_manager.new_instance()
    record.__dict__.update(values)
    make_transient_to_detached(record)
    return record


def _defaults(model: Any) -> dict[str, Any]:
    return {column.name: column.default for column in _sent(model) if column.default}


def _sent(model: Any) -> list[Column[Any]]:
    """The columns whose values are sent."""
    return [column for column in model.__table__.columns if column.name not in ("id", *model.computed)]


def _inserting(model: Any) -> Prepared:
    table = model.__table__
    told = [table.c[name] for name in ("id", *model.computed)]
    statement = insert(table).values(model.computed).returning(*told)
    return Prepared(statement, [column.name for column in _sent(model)])


def _inserting_rows(model: Any, count: int) -> Prepared:
    sent = [column for column in model.__table__.columns if column.name != "id"]
    return Prepared(
        insert(model.__table__).values(
            [
                {column.name: bindparam(f"{column.name}_{place}", type_=column.type) for column in sent}
                for place in range(count)
            ]
        )
    )


def _updating(model: Any, names: tuple[str, ...]) -> Prepared:
    return Prepared(update(model.__table__).where(model.__table__.c.id == bindparam("row_id")), names)
