"""What invoices, estimates and recurring profiles share on the wire; each puts it into its documented order."""

from typing import Any, ClassVar

from marshmallow import ValidationError

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.client import LONG
from curdbee_compat.schemas.fields import (
    INTEGER,
    NUMBER_SENT,
    STRING,
    Boolean,
    ChargeField,
    Date,
    FormattedMoney,
    Integer,
    Money,
    Percent,
    Quantity,
    Reference,
    Text,
    Timestamp,
    Wire,
    charge,
)
from curdbee_compat.schemas.lines import LineChanges, Lines
from curdbee_compat.totals import Charge

NOTHING = {"examples": ["$0.00"]}
STATES = ["draft", "sent", "partial", "paid", "closed"]
# What is taken and never shown; last in each order.
INPUT = ("client_id", "discount", "shipping", "tax", "tax2", "line_items_attributes")


class ClientOfStatement(Wire):
    """The client's name and id; always an object, PHP's class walks through it. Read only."""

    plain = staticmethod(lambda name, client_id: {"name": name, "id": client_id})

    openapi: ClassVar = {
        "type": "object",
        "properties": {"name": STRING, "id": INTEGER},
        "required": ["name", "id"],
        "examples": [{"name": "Riverside Bakery", "id": 1}],
    }

    def __init__(self) -> None:
        super().__init__("client_name", "client_id", dump_only=True)


class PaymentOptions(Wire):
    """A list of codes ("paypal", …), or null."""

    openapi: ClassVar = {"type": "array", "items": STRING}
    openapi_sent: ClassVar = {"type": ["array", "string"], "items": STRING}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        codes = value if isinstance(value, list) else [value]
        if len(codes) > 100 or not all(isinstance(code, str | None) and len(code or "") <= 255 for code in codes):
            raise ValidationError("is invalid")
        return [Text().deserialize(code) or "" for code in codes]


class HashKey(Wire):
    """The key of the public page; empty text until the statement is delivered. Read only."""

    plain = staticmethod(lambda key: key or "")

    openapi = STRING

    def __init__(self) -> None:
        super().__init__("hash_key", dump_only=True)


class ShippingAmount(FormattedMoney):
    """Shown with its symbol. Read as `shipping` is; text that is no number is left to the model, which knows what was
    shown: a record echoed whole must change nothing."""

    openapi_sent: ClassVar = NUMBER_SENT | {
        "description": "Another name for `shipping`. The amount as it is shown, sent back, changes nothing."
    }

    def __init__(self) -> None:
        super().__init__("shipping_cents", metadata=NOTHING)
        self.dump_only, self.attribute = False, None

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Charge | str:
        try:
            return charge(value)
        except ValidationError:
            if not isinstance(value, str):
                raise
            return value


class StatementNumber(Text):
    """Any text. Absent or null: the server numbers; blank: refused."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise self.make_error("required")
        return super().deserialize(value, attr, data, **kwargs)


class LineItemSchema(Schema):
    """A line as it is shown, bare money and a float; and as it is sent."""

    root, plural = "line_item", "line_items"
    checked_first = ("name_and_description", "price", "quantity")

    price = Money("price_cents", required=True, below=10**13, metadata={"examples": ["200.00"]})
    name_and_description = Text(required=True, limit=LONG, metadata={"examples": ["Web site"]})
    quantity = Quantity("quantity", required=True)
    sort_order = Integer(allow_none=True)
    total = Money("total_cents", dump_only=True, metadata={"examples": ["200.00"]})
    id = Reference()
    unit = Text(metadata={"examples": ["hours"]})


class StatementSchema(Schema):
    """Totals carry the currency's symbol, lines do not."""

    id = Wire(dump_only=True, metadata=INTEGER)
    created_at = Timestamp()
    updated_at = Timestamp()
    date = Date(allow_none=False)
    due_date = Date()
    client = ClientOfStatement()
    notes = Text(limit=LONG)
    summary = Text(limit=LONG)
    payment_options = PaymentOptions(allow_none=True)
    line_items = Lines(LineItemSchema())
    sub_total = FormattedMoney("sub_total_cents")
    discount_amount = FormattedMoney("discount_cents", metadata=NOTHING)
    tax_amount = FormattedMoney("tax_cents", metadata=NOTHING)
    tax2_amount = FormattedMoney("tax2_cents", metadata=NOTHING)
    tax2_compound = Boolean(blank_is=None, allow_none=True)
    shipping_amount = ShippingAmount()
    total_billed = FormattedMoney("total_cents")
    paid_total = FormattedMoney("paid_cents", metadata=NOTHING)
    total_due = FormattedMoney("due_cents")

    client_id = Reference(load_only=True, required=True)
    discount = ChargeField()
    shipping = ChargeField()
    tax = Percent("tax_rate")
    tax2 = Percent("tax2_rate")
    line_items_attributes = LineChanges(LineItemSchema())
