"""One payment, two faces: the public API's text and the admin API's integers. Neither knows the other."""

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import Boolean, Date, Integer, Money, Reference, Text, Timestamp, Wire


class PaymentSchema(Schema):
    """A payment as the public document shows it. `balance` is what is still due on the invoice now."""

    root, plural = "payment", "payments"
    checked_first = ("date", "amount")

    created_at = Timestamp()
    updated_at = Timestamp()
    payment_method = Text()
    amount = Money("amount_cents", required=True)
    balance = Money("balance_cents", dump_only=True)
    date = Date(required=True)
    id = Wire(dump_only=True)


class InvoicePaymentSchema(Schema):
    """The same payment as the admin document shows it."""

    root, plural = "invoice_payment", "invoice_payments"
    checked_first = ("date", "amount_cents")

    id = Wire(dump_only=True)
    invoice_id = Wire(dump_only=True)
    amount_cents = Integer(required=True, below=10**10)
    payment_method_id = Reference()
    date = Date(required=True)
    accounted = Boolean()


class PaymentMethodSchema(Schema):
    """A way of paying."""

    root, plural = "payment_method", "payment_methods"

    id = Wire(dump_only=True)
    name = Text(required=True)
    created_at = Timestamp()
    updated_at = Timestamp()
