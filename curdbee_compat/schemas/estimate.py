"""An estimate as the public API shows it."""

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import STRING, Wire
from curdbee_compat.schemas.statement import INPUT, STATES, HashKey, StatementNumber, StatementSchema


class EstimateSchema(StatementSchema):
    """An offer, in the documented order; the three fields that only the Ruby gem's recordings show follow it."""

    root, plural = "estimate", "estimates"
    checked_first = ("client_id", "estimate_no")

    estimate_no = StatementNumber(allow_none=False, metadata={"examples": ["EST-1"]})
    hash_key = HashKey()
    state = Wire(dump_only=True, metadata=STRING | {"enum": STATES})

    class Meta(Schema.Meta):
        fields = (
            *("created_at", "total_billed", "line_items", "notes", "tax2_compound", "updated_at", "discount_amount"),
            *("date", "hash_key", "id", "tax_amount", "client", "total_due", "tax2_amount", "sub_total", "summary"),
            *("paid_total", "estimate_no", "state", "due_date", "payment_options", "shipping_amount", *INPUT),
        )
