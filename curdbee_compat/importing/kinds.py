"""The kinds of records that an import takes: their tables, how their answers are read, and what each name means."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError

from curdbee_compat.importing import shown
from curdbee_compat.models.client import Client
from curdbee_compat.models.estimate import Estimate
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.item import Item
from curdbee_compat.models.payment import Payment, PaymentMethod
from curdbee_compat.models.recurring_profile import RecurringProfile
from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.client import ClientSchema
from curdbee_compat.schemas.estimate import EstimateSchema
from curdbee_compat.schemas.invoice import InvoiceSchema
from curdbee_compat.schemas.item import ItemSchema
from curdbee_compat.schemas.kept import KeptOfPaymentSchema, KeptOfProfileSchema, KeptOfStatementSchema, KeptSchema
from curdbee_compat.schemas.payment import InvoicePaymentSchema, PaymentMethodSchema, PaymentSchema
from curdbee_compat.schemas.recurring_profile import RecurringProfileSchema
from curdbee_compat.schemas.statement import INPUT


@dataclass
class Entry:
    """A record that was read: `values` by column; of a statement also its lines and what it says of its totals.

    `notes` are what its owner should know of it once it is taken."""

    values: dict[str, Any]
    symbol: str = ""
    said: dict[str, int] = field(default_factory=dict)
    lines: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Kind:
    """`kept` reads what the API itself would not take; `load` makes an entry of the attributes."""

    model: Any
    schema: Schema
    kept: Schema
    load: Callable[["Kind", Mapping[str, Any]], Entry]


def plain(kind: Kind, attributes: Mapping[str, Any]) -> Entry:
    """A record whose attributes are its columns."""
    return Entry(_values(kind, attributes))


def client(kind: Kind, attributes: Mapping[str, Any]) -> Entry:
    """A client, whose currency is shown by name and symbol."""
    entry, currency = plain(kind, attributes), attributes.get("currency")
    if isinstance(currency, dict):
        entry.values["currency_name"] = str(currency.get("name") or "")
        entry.symbol = str(currency.get("symbol") or "")
    return entry


def item(kind: Kind, attributes: Mapping[str, Any]) -> Entry:
    """An item, whose price is shown with its symbol."""
    price = attributes.get("price")
    try:
        symbol, cents = shown.amount(price) if price not in (None, "") else ("", 0)
    except ValidationError as error:
        raise ValidationError({"price": error.messages}) from None
    values = _values(kind, {**attributes, "price": None})
    del values["price"]
    return Entry(values | {"price_cents": cents}, symbol)


def statement(kind: Kind, attributes: Mapping[str, Any]) -> Entry:
    """An invoice, estimate or profile: `client` for client_id, totals for terms, lines with their ids."""
    billed = attributes.get("client")
    client_id = billed.get("id") if isinstance(billed, dict) else attributes.get("client_id")
    never_shown = {*INPUT, "shipping_amount"}
    bare = {name: value for name, value in attributes.items() if name not in never_shown}
    values = _values(kind, {**bare, "client_id": client_id})
    said, symbol = shown.said(kind.schema, attributes)
    return Entry(values, symbol, said, _lines(kind.schema, attributes.get("line_items")))


def _values(kind: Kind, attributes: Mapping[str, Any]) -> dict[str, Any]:
    """What both schemas make of the attributes; the messages of both where they refuse."""
    values, errors = {}, {}
    for schema in (kind.kept, kind.schema):
        try:
            values.update(schema.load(attributes))
        except ValidationError as error:
            errors.update(error.normalized_messages())
    if errors:
        raise ValidationError(errors)
    return values


def _lines(schema: Schema, value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):  # XML without type="array"
        value = next(iter(value.values()), None)
        value = value if isinstance(value, list) else [value]
    lines = value or []
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        raise ValidationError({"line_items": ["is invalid"]})
    try:
        return schema.line_schema.load(lines, many=True)
    except ValidationError as error:
        raise ValidationError({"line_items": error.messages}) from None


STATEMENTS = {
    kind.model: kind
    for kind in (
        Kind(Invoice, InvoiceSchema(), KeptOfStatementSchema(), statement),
        Kind(Estimate, EstimateSchema(), KeptOfStatementSchema(), statement),
        Kind(RecurringProfile, RecurringProfileSchema(), KeptOfProfileSchema(), statement),
    )
}
KINDS = {
    kind.schema.root: kind
    for kind in (
        Kind(Client, ClientSchema(), KeptSchema(), client),
        Kind(Item, ItemSchema(), KeptSchema(), item),
        *STATEMENTS.values(),
        Kind(PaymentMethod, PaymentMethodSchema(), KeptSchema(), plain),
        Kind(Payment, PaymentSchema(), KeptOfPaymentSchema(), plain),
        Kind(Payment, InvoicePaymentSchema(), KeptOfPaymentSchema(), plain),
    )
}
# What may be among saved answers and is not taken, and what to do instead.
NOT_TAKEN = {
    "currency": "currencies are the same for everybody here, and are found by name and symbol",
    "user": "users are made by: curdbee-compat user add",
}
# Each name of an element, one or many, and what a record in it is.
ELEMENTS = {
    **{name: root for root, kind in KINDS.items() for name in (root, kind.schema.plural)},
    **{name: root for root in NOT_TAKEN for name in (root, "currencies" if root == "currency" else f"{root}s")},
}
