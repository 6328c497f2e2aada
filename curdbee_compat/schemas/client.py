"""A client as the public API shows it."""

from typing import ClassVar

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import INTEGER, STRING, Reference, Text, Timestamp, Wire

LONG = 65_535  # a text column of the original's MySQL


class CurrencyOfClient(Wire):
    """The currency's name and symbol; read only."""

    plain = staticmethod(lambda name, symbol: {"name": name, "symbol": symbol})

    openapi: ClassVar = {
        "type": "object",
        "properties": {"name": STRING, "symbol": STRING},
        "required": ["name", "symbol"],
        "examples": [{"name": "United States of America, Dollars", "symbol": "$"}],
    }

    def __init__(self) -> None:
        super().__init__("currency_name", "currency_symbol", dump_only=True)


class FullAddress(Wire):
    """The parts of the address that are there, joined by commas; read only."""

    plain = staticmethod(lambda *parts: ", ".join(part.strip() for part in parts if part and part.strip()))

    openapi: ClassVar = STRING | {"examples": ["12 Mill Lane, Portland, OR, 97201, United States"]}

    def __init__(self) -> None:
        super().__init__("address", "city", "province", "zip_code", "country", dump_only=True)


class ClientSchema(Schema):
    """A customer, with its currency inside."""

    root, plural = "client", "clients"

    id = Wire(dump_only=True, metadata=INTEGER)
    name = Text(required=True, metadata={"examples": ["Riverside Bakery"]})
    email = Text(metadata={"examples": ["accounts@riverside-bakery.example"]})
    currency = CurrencyOfClient()
    address = Text(limit=LONG, metadata={"examples": ["12 Mill Lane"]})
    city = Text(metadata={"examples": ["Portland"]})
    province = Text(metadata={"examples": ["OR"]})
    zip_code = Text(metadata={"examples": ["97201"]})
    country = Text(metadata={"examples": ["United States"]})
    full_address_with_comma = FullAddress()
    phone = Text(metadata={"examples": ["+1 503 555 0142"]})
    fax = Text()
    custom_field_name = Text()
    custom_field_value = Text()
    created_at = Timestamp()
    updated_at = Timestamp()

    currency_id = Reference(load_only=True)
