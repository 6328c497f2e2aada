"""A row is dumped as an object with the same attributes is, by every schema there is. No application."""

import importlib
import json
import pkgutil
import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curdbee_compat import schemas
from curdbee_compat.schemas.base import Schema

text = st.text(max_size=20) | st.sampled_from(["", " ", "\U0001f4b6", "a & <b>", "\u2028", "0"])
integer = st.integers(-(2**63), 2**63 - 1)
moment = st.datetimes().map(lambda value: value.replace(microsecond=0))
# By the name of a column; the first that fits. Whatever else a column may be called, it may hold anything plain.
KINDS: dict[str, st.SearchStrategy[Any]] = {
    r".*_cents|quantity": integer,
    r".*_at": st.none() | moment,
    r"(.*_)?date": st.none() | st.dates(),
    r".*_symbol": text,
    r"address|city|province|zip_code|country": st.none() | text,
    r"frequency": st.integers(1, 7),
    r".*": st.none() | st.booleans() | integer | text | st.lists(text, max_size=3),
}


def every_schema() -> Iterator[Schema]:
    """One of each class in the package's schemas."""
    for module in pkgutil.iter_modules(schemas.__path__, f"{schemas.__name__}."):
        importlib.import_module(module.name)
    waiting = [Schema]
    while waiting:
        below = waiting.pop().__subclasses__()
        waiting += below
        yield from (schema() for schema in below if schema().dump_fields)


SCHEMAS = sorted(every_schema(), key=lambda schema: type(schema).__name__)


def values_of(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    """Values for the columns of a record, and for its lines where it has any."""
    kinds = {name: next(KINDS[kind] for kind in KINDS if re.fullmatch(kind, name)) for name in schema.columns}
    if schema.lines:
        kinds["line_items"] = st.lists(values_of(schema.lines.schema), max_size=3)
    return st.fixed_dictionaries(kinds)


def as_object(values: dict[str, Any]) -> SimpleNamespace:
    lines = values.get("line_items")
    return SimpleNamespace(**values | ({"line_items": [as_object(line) for line in lines]} if lines else {}))


def as_row(schema: Schema, values: dict[str, Any]) -> tuple[Any, ...]:
    """The values of the columns, the dumped lines behind them: what Resource selects."""
    row = tuple(values[name] for name in schema.columns)
    if not schema.lines:
        return row
    line_schema = schema.lines.schema
    return (*row, [line_schema.dump_row(as_row(line_schema, line)) for line in values["line_items"]])


def test_every_schema_is_tried() -> None:
    names = {type(schema).__name__ for schema in SCHEMAS}
    assert names >= {"ClientSchema", "InvoiceSchema", "LineItemSchema", "PaymentSchema", "InvoicePaymentSchema"}


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda schema: type(schema).__name__)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_a_row_is_dumped_as_an_object_is(schema: Schema, data: st.DataObject) -> None:
    values = data.draw(values_of(schema))
    dumped = schema.dump(as_object(values))
    row = as_row(schema, values)
    assert repr(schema.dump_row(row)) == repr(dumped)  # repr tells 1 from True and 1.0, and the order of keys
    assert list(schema.dump_rows([row, row])) == [dumped, dumped]
    assert list(dumped) == [name for name in schema.dump_fields if name in dumped or name not in schema.flags]
    assert json.loads(json.dumps(dumped)) == dumped  # nothing but what JSON has
