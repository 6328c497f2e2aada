"""One payment, two faces: the public API's text and the admin API's integers. Neither knows the other."""

from typing import Any

from marshmallow import post_dump

from curdbee_compat.money import MAX_PAYMENT_CENTS
from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import INTEGER, Boolean, Date, Integer, Money, Reference, Text, Timestamp, Wire
from curdbee_compat.wire.records import without_low


class PaymentSchema(Schema):
    """A payment as the public document shows it. `balance` is what is still due on the invoice now."""

    root, plural = "payment", "payments"
    checked_first = ("date", "amount")

    created_at = Timestamp()
    updated_at = Timestamp()
    payment_method = Text(metadata={"examples": ["PayPal"]})
    amount = Money("amount_cents", required=True)
    balance = Money("balance_cents", dump_only=True, metadata={"examples": ["0.00"]})
    date = Date(required=True)
    id = Wire(dump_only=True, metadata=INTEGER)


class InvoicePaymentSchema(Schema):
    """The same payment as the admin document shows it, flagged where it may have been sent twice."""

    root, plural = "invoice_payment", "invoice_payments"
    flags = frozenset({"possible_duplicate"})
    checked_first = ("date", "amount_cents")

    id = Wire(dump_only=True, metadata=INTEGER)
    invoice_id = Wire(dump_only=True, metadata=INTEGER)
    amount_cents = Integer(required=True, below=MAX_PAYMENT_CENTS + 1, metadata={"examples": [100000]})
    payment_method_id = Reference(allow_none=True)
    date = Date(required=True)
    accounted = Boolean()
    possible_duplicate = Boolean(dump_only=True)

    @post_dump
    def _as_in_lists(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        return without_low(self.flags, data)


class PaymentMethodSchema(Schema):
    """A way of paying."""

    root, plural = "payment_method", "payment_methods"

    id = Wire(dump_only=True, metadata=INTEGER)
    name = Text(required=True, metadata={"examples": ["gift card"]})
    created_at = Timestamp()
    updated_at = Timestamp()
