"""A client as the public API shows it."""

from typing import Any

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import Reference, Text, Timestamp, Wire

LONG = 65_535  # a text column of the original's MySQL


class CurrencyOfClient(Wire):
    """The currency's name and symbol; read only."""

    def __init__(self) -> None:
        super().__init__("currency_name", "currency_symbol", dump_only=True)

    def plain(self, *values: Any) -> dict[str, str]:
        name, symbol = values
        return {"name": name, "symbol": symbol}


class FullAddress(Wire):
    """The parts of the address that are there, joined by commas; read only."""

    def __init__(self) -> None:
        super().__init__("address", "city", "province", "zip_code", "country", dump_only=True)

    def plain(self, *values: Any) -> str:
        return ", ".join(part.strip() for part in values if part and part.strip())


class ClientSchema(Schema):
    """A customer, with its currency inside."""

    root, plural = "client", "clients"

    id = Wire(dump_only=True)
    name = Text(required=True)
    email = Text()
    currency = CurrencyOfClient()
    address = Text(limit=LONG)
    city = Text()
    province = Text()
    zip_code = Text()
    country = Text()
    full_address_with_comma = FullAddress()
    phone = Text()
    fax = Text()
    custom_field_name = Text()
    custom_field_value = Text()
    created_at = Timestamp()
    updated_at = Timestamp()

    currency_id = Reference(load_only=True)
