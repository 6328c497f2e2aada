"""Pieces that invoices, estimates and recurring profiles have in common on the wire."""

from typing import Any

from marshmallow import ValidationError

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.client import LONG
from curdbee_compat.schemas.fields import Integer, Money, Quantity, Reference, Text, Wire


class ClientOfStatement(Wire):
    """The client's name and id; always an object, PHP's class walks through it. Read only."""

    def __init__(self) -> None:
        super().__init__("client_name", "client_id", dump_only=True)

    def plain(self, *values: Any) -> dict[str, Any]:
        name, client_id = values
        return {"name": name, "id": client_id}


class PaymentOptions(Wire):
    """A list of codes ("paypal", …), or null."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        codes = value if isinstance(value, list) else [value]
        if len(codes) > 100 or not all(isinstance(code, str | None) and len(code or "") <= 255 for code in codes):
            raise ValidationError("is invalid")
        return [Text().deserialize(code) or "" for code in codes]


class LineItemSchema(Schema):
    """A line as it is shown, bare money and a float; and as it is sent."""

    root, plural = "line_item", "line_items"
    checked_first = ("name_and_description", "price", "quantity")

    price = Money("price_cents", required=True, below=10**13)
    name_and_description = Text(required=True, limit=LONG)
    quantity = Quantity("quantity", required=True)
    sort_order = Integer()
    total = Money("total_cents", dump_only=True)
    id = Reference()
    unit = Text()
