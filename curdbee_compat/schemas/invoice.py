"""An invoice: as the public API shows it, in the documented order, and as the admin API does."""

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import INTEGER, STRING, Boolean, Date, Timestamp, Wire
from curdbee_compat.schemas.statement import INPUT, STATES, HashKey, StatementNumber, StatementSchema

CENTS, NO_CENTS = (INTEGER | {"examples": [cents]} for cents in (20_000, 0))


class InvoiceSchema(StatementSchema):
    """An invoice of the public API."""

    root, plural = "invoice", "invoices"
    checked_first = ("client_id", "invoice_no")

    invoice_no = StatementNumber(allow_none=False, metadata={"examples": ["INV-200"]})
    hash_key = HashKey()
    state = Wire(dump_only=True, metadata=STRING | {"enum": STATES})
    allow_partial_payments = Boolean()

    class Meta(Schema.Meta):
        fields = (
            *("shipping_amount", "created_at", "total_billed", "line_items", "notes", "tax2_compound", "updated_at"),
            *("discount_amount", "date", "hash_key", "id", "tax_amount", "client", "payment_options", "total_due"),
            *("due_date", "tax2_amount", "sub_total", "summary", "paid_total", "invoice_no", "state"),
            *("allow_partial_payments", *INPUT),
        )


class AdminInvoiceSchema(Schema):
    """An invoice in integers, read only."""

    root, plural = "invoice", "invoices"

    id = Wire(metadata=INTEGER)
    user_id = Wire(metadata=INTEGER)
    client_id = Wire(metadata=INTEGER)
    invoice_no = Wire(metadata=STRING | {"examples": ["INV-123"]})
    date = Date(allow_none=False)
    due_date = Date()
    state = Wire(metadata=STRING | {"enum": STATES})
    currency = Wire("currency_code", metadata=STRING | {"examples": ["USD"]})
    sub_total_cents = Wire(metadata=CENTS)
    discount_cents = Wire(metadata=NO_CENTS)
    tax_cents = Wire(metadata=NO_CENTS)
    tax2_cents = Wire(metadata=NO_CENTS)
    shipping_cents = Wire(metadata=NO_CENTS)
    total_cents = Wire(metadata=CENTS)
    paid_cents = Wire(metadata=NO_CENTS)
    due_cents = Wire(metadata=CENTS)
    created_at = Timestamp()
    updated_at = Timestamp()
