"""An item as the public API shows it."""

from typing import Any, ClassVar

from marshmallow import ValidationError

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.client import LONG
from curdbee_compat.schemas.fields import INTEGER, NUMBER_SENT, STRING, FormattedMoney, Text, Timestamp, Wire, scaled


class ItemPrice(FormattedMoney):
    """Shown with its symbol; read as a number. Other text is left to the model, which knows what was shown."""

    openapi: ClassVar = STRING | {"examples": ["$50.00"]}
    openapi_sent: ClassVar = NUMBER_SENT | {
        "examples": ["50.00"],
        "description": "Sent as a number. The price as it is shown, sent back, changes nothing.",
    }

    def __init__(self) -> None:
        super().__init__("price_cents")
        self.dump_only, self.attribute = False, None

    def blank(self) -> int:
        return 0

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | str:
        try:
            return scaled(value, 2, 10**13)
        except ValidationError:
            if not isinstance(value, str):
                raise
            return value


class ItemSchema(Schema):
    """A catalogue entry."""

    root, plural = "item", "items"

    price = ItemPrice()
    name = Text(required=True, metadata={"examples": ["Consulting"]})
    created_at = Timestamp()
    updated_at = Timestamp()
    units = Text(metadata={"examples": ["hours"]})
    id = Wire(dump_only=True, metadata=INTEGER)
    description = Text(limit=LONG)
