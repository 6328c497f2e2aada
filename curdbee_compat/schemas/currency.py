"""A currency as the public API shows it."""

from curdbee_compat.schemas.base import Schema
from curdbee_compat.schemas.fields import INTEGER, STRING, Wire


class CurrencySchema(Schema):
    """A currency, read only."""

    root, plural = "currency", "currencies"

    id = Wire(metadata=INTEGER | {"examples": [150]})
    name = Wire(metadata=STRING | {"examples": ["United States of America, Dollars"]})
    symbol = Wire(metadata=STRING | {"examples": ["$"]})
