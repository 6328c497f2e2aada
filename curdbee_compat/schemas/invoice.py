"""An invoice: as the public API shows it, in the documented order, and as the admin API does."""

from typing import Any

from marshmallow import ValidationError

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.client import LONG
from curdbee_compat.schemas.fields import (
    Boolean,
    ChargeField,
    Date,
    FormattedMoney,
    Percent,
    Reference,
    Text,
    Timestamp,
    Wire,
    charge,
)
from curdbee_compat.schemas.lines import LineChanges, Lines
from curdbee_compat.schemas.statement import ClientOfStatement, LineItemSchema, PaymentOptions
from curdbee_compat.totals import Charge


class HashKey(Wire):
    """The key of the public page; empty text until the statement is delivered. Read only."""

    def __init__(self) -> None:
        super().__init__("hash_key", dump_only=True)

    def plain(self, *values: Any) -> str:
        return values[0] or ""


class ShippingAmount(FormattedMoney):
    """Shown with its symbol. Read as `shipping` is; text that is no number is left to the model, which knows what was
    shown: a record echoed whole must change nothing."""

    def __init__(self) -> None:
        super().__init__("shipping_cents")
        self.dump_only, self.attribute = False, None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Charge | str:
        try:
            return charge(value)
        except ValidationError:
            if not isinstance(value, str):
                raise
            return value


class InvoiceNumber(Text):
    """Any text. Absent or null: the server numbers; blank: refused."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise self.make_error("required")
        return super().deserialize(value, attr, data, **kwargs)


class InvoiceSchema(Schema):
    """Totals carry the currency's symbol, lines do not; input-only attributes stand last."""

    root, plural = "invoice", "invoices"
    checked_first = ("client_id", "invoice_no")

    shipping_amount = ShippingAmount()
    created_at = Timestamp()
    total_billed = FormattedMoney("total_cents")
    line_items = Lines(LineItemSchema())
    notes = Text(limit=LONG)
    tax2_compound = Boolean(blank_is=None)
    updated_at = Timestamp()
    discount_amount = FormattedMoney("discount_cents")
    date = Date()
    hash_key = HashKey()
    id = Wire(dump_only=True)
    tax_amount = FormattedMoney("tax_cents")
    client = ClientOfStatement()
    payment_options = PaymentOptions()
    total_due = FormattedMoney("due_cents")
    due_date = Date()
    tax2_amount = FormattedMoney("tax2_cents")
    sub_total = FormattedMoney("sub_total_cents")
    summary = Text(limit=LONG)
    paid_total = FormattedMoney("paid_cents")
    invoice_no = InvoiceNumber()
    state = Wire(dump_only=True)
    allow_partial_payments = Boolean()

    client_id = Reference(load_only=True, required=True)
    discount = ChargeField()
    shipping = ChargeField()
    tax = Percent("tax_rate")
    tax2 = Percent("tax2_rate")
    line_items_attributes = LineChanges(LineItemSchema())


class AdminInvoiceSchema(Schema):
    """An invoice in integers, read only."""

    root, plural = "invoice", "invoices"

    id = Wire()
    user_id = Wire()
    client_id = Wire()
    invoice_no = Wire()
    date = Date()
    due_date = Date()
    state = Wire()
    currency = Wire("currency_code")
    sub_total_cents = Wire()
    discount_cents = Wire()
    tax_cents = Wire()
    tax2_cents = Wire()
    shipping_cents = Wire()
    total_cents = Wire()
    paid_cents = Wire()
    due_cents = Wire()
    created_at = Timestamp()
    updated_at = Timestamp()
