"""A recurring profile as the public API shows it, `occurences` spelt as the original spelt it."""

from typing import Any, ClassVar

from marshmallow import ValidationError, pre_load

from curdbee_compat.recurrence import FREQUENCIES
from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import BLANK, INTEGER, Boolean, Date, Integer, Text, Wire
from curdbee_compat.schemas.statement import INPUT, StatementSchema

# Other names for attributes: the gem sends a number as `frequency`; not everybody misspells.
ALIASES = {"frequency": "frequency_term", "occurrences": "occurences"}


class Frequency(Wire):
    """Shown as a label; read as the label or as its number."""

    plain = staticmethod(lambda number: FREQUENCIES[number][0])
    openapi: ClassVar = {
        "type": "string",
        "enum": [label for label, *_ in FREQUENCIES.values()],
        "examples": ["Monthly"],
    }
    openapi_sent: ClassVar = {"type": ["string", "integer"], "examples": ["Monthly"]}

    def __init__(self) -> None:
        super().__init__("frequency")

    def blank(self) -> int:
        raise ValidationError(BLANK)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        text = str(value).strip().lower()
        for number, (label, *_) in FREQUENCIES.items():
            if text in (str(number), label.lower()):
                return number
        raise ValidationError("is not included in the list")


class Occurences(Integer):
    """How many invoices to make; nothing is 0, without end."""

    def blank(self) -> int:
        return 0

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        number = super()._deserialize(value, attr, data, **kwargs)
        if number < 0:
            raise ValidationError("must be greater than or equal to 0")
        return number


class RecurringProfileSchema(StatementSchema):
    """What makes an invoice every so often, in the documented order."""

    root, plural = "recurring_profile", "recurring_profiles"
    checked_first = ("client_id", "start_date", "profile_name")

    profile_name = Text(required=True, metadata={"examples": ["Hosting"]})
    start_date = Date(required=True, metadata={"examples": ["2040-01-31"]})
    invoice_no = Text(limit=200)
    next_billing_date = Date(dump_only=True, metadata={"examples": ["2040-01-31"]})
    payment_due_term = Text(metadata={"examples": ["Net 30"]})
    frequency_term = Frequency()
    occurences = Occurences(metadata={"examples": [12]})
    iteration_no = Wire(dump_only=True, metadata=INTEGER | {"examples": [0]})
    save_as_draft = Boolean()

    class Meta(Schema.Meta):
        fields = (
            *("shipping_amount", "created_at", "total_billed", "line_items", "notes", "tax2_compound", "updated_at"),
            *("discount_amount", "date", "id", "tax_amount", "client", "payment_options", "total_due", "tax2_amount"),
            *("sub_total", "paid_total", "invoice_no", "start_date", "save_as_draft", "next_billing_date"),
            *("payment_due_term", "profile_name", "iteration_no", "occurences", "frequency_term", *INPUT),
        )

    @pre_load
    def rename(self, data: dict[str, Any], **_: Any) -> dict[str, Any]:
        """Take the other names; a new name beside an echoed old one is what was meant."""
        return data | {name: data[alias] for alias, name in ALIASES.items() if alias in data}
