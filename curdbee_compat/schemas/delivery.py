"""To whom a statement is to be sent; read only from a request, never shown."""

from typing import Any, ClassVar

from marshmallow import ValidationError

from curdbee_compat import smtp
from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import INVALID, STRING, Wire

MAX_ADDRESSES = 100


class Addresses(Wire):
    """An array of addresses, or one text with commas between them."""

    openapi_sent: ClassVar = {
        "type": ["array", "string"],
        "items": STRING,
        "examples": [["ann@riverside-bakery.example"]],
    }

    def blank(self) -> list[str]:
        return []

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        texts = value if isinstance(value, list) else [value]
        if not all(isinstance(text, str | None) for text in texts):
            raise ValidationError(INVALID)
        addresses = [part.strip() for text in texts for part in (text or "").split(",") if part.strip()]
        if len(addresses) > MAX_ADDRESSES:
            raise ValidationError(f"is too long (maximum is {MAX_ADDRESSES} addresses)")
        if not all(map(smtp.is_address, addresses)):
            raise ValidationError(INVALID)
        return list(dict.fromkeys(addresses))


class DeliverySchema(Schema):
    """To whom a statement is sent. `{}` is valid: the client's own address serves."""

    root, plural = "delivery", "deliveries"

    recipients = Addresses(load_only=True)
    blind_copy = Addresses(load_only=True)
