"""The kinds of values on the wire. Each says how a stored value is written and how a sent one is read."""

import datetime
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from marshmallow import ValidationError
from marshmallow.fields import Field

from curdbee_compat import money
from curdbee_compat.schemas.dates import calendar_date
from curdbee_compat.totals import QUANTITY_SCALE, RATE_SCALE, Charge

BLANK, INVALID, NOT_A_NUMBER = "can't be blank", "is invalid", "is not a number"
# JSON Schemas for plain fields, as the metadata that apispec takes.
INTEGER, STRING, BOOLEAN = ({"type": name} for name in ("integer", "string", "boolean"))
NUMBER_SENT = {"type": ["string", "number"]}
FALSE = {False, "0", "f", "F", "false", "FALSE", "off", "OFF"}  # Rails' list; all else is true


def as_stored(value: Any) -> Any:
    """What needs no change to be written."""
    return value


class Wire(Field):
    """A field made of one or more columns. `plain` turns their values into what JSON and XML can write.

    `openapi` is the JSON Schema of what is written, `openapi_sent` of what may be sent where that is something else;
    `metadata` adds to both, and `allow_none` says that null may be written. Loading takes no notice of these."""

    openapi: ClassVar[Mapping[str, Any]] = {}
    openapi_sent: ClassVar[Mapping[str, Any]] = {}

    plain: ClassVar[Callable[..., Any]] = staticmethod(as_stored)

    _CHECK_ATTRIBUTE = False  # marshmallow need not fetch a value: _serialize takes its columns itself

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        super().__init__(attribute=columns[0] if columns else None, **kwargs)
        self._columns = columns

    @property
    def columns(self) -> tuple[str, ...]:
        """Attributes of the model, in the order in which `plain` takes them."""
        return self._columns or (str(self.name),)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return self.plain(*(getattr(obj, name) for name in self.columns))

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        """Nothing, an empty text and an empty element are the same blank; a required field refuses it."""
        if value is None or (isinstance(value, str) and not value.strip()) or value == []:
            if self.required:
                raise self.make_error("null")
            return self.blank()
        return super().deserialize(value, attr, data, **kwargs)

    def blank(self) -> Any:
        """What an optional field keeps for a blank."""
        return None


class Text(Wire):
    """Text as it was sent. Characters that XML cannot hold are refused: one stored, no strict client reads the list."""

    openapi = STRING

    def __init__(self, *columns: str, limit: int = 255, **kwargs: Any) -> None:
        kwargs.setdefault("allow_none", not kwargs.get("required"))
        super().__init__(*columns, **kwargs)
        self.limit = limit

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool):
            value = str(value).lower()
        if not isinstance(value, str | int | Decimal):
            raise ValidationError(INVALID)
        text = str(value)
        if len(text) > self.limit:
            raise ValidationError(f"is too long (maximum is {self.limit} characters)")
        if not text.isprintable() and any(map(unwritable, text)):
            raise ValidationError(INVALID)
        return text


def unwritable(char: str) -> bool:
    """Whether XML 1.0 cannot hold the character: controls but tab and line ends, lone surrogates, U+FFFE and U+FFFF."""
    return (char < " " and char not in "\t\n\r") or "\ud800" <= char <= "\udfff" or char in "\ufffe\uffff"


def timestamp(stored: datetime.datetime | str | None) -> str | None:
    """A moment as written. SQLite's driver gives its text, "2010-08-24 01:47:50.000000"."""
    if type(stored) is str:
        return f"{stored[:10]}T{stored[11:19]}Z"
    return f"{stored.isoformat()}Z" if stored else None  # type: ignore[union-attr]


class Timestamp(Wire):
    """A moment, UTC, to the second; read only."""

    plain = staticmethod(timestamp)

    openapi: ClassVar = {"type": "string", "format": "date-time", "examples": ["2010-08-24T01:47:50Z"]}

    def __init__(self, *columns: str) -> None:
        super().__init__(*columns, dump_only=True)


def date(stored: datetime.date | str | None) -> str | None:
    """A calendar date as written, which is how SQLite keeps it."""
    return stored.isoformat() if stored and type(stored) is not str else stored  # type: ignore[union-attr, return-value]


class Date(Wire):
    """A calendar date. Required and unreadable is blank, as Rails casts first; optional and unreadable is invalid."""

    plain = staticmethod(date)

    openapi: ClassVar = {"type": "string", "format": "date", "examples": ["2010-09-30"]}

    def __init__(self, *columns: str, **kwargs: Any) -> None:
        kwargs.setdefault("allow_none", not kwargs.get("required"))
        super().__init__(*columns, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime.date:
        try:
            return calendar_date(value)
        except ValueError:
            raise ValidationError(BLANK if self.required else INVALID) from None


def number(value: Any) -> Decimal:
    """A sent number, exact. ValidationError for anything else, true and false among it."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    try:
        return money.number(value) if isinstance(value, str) else money.number("")
    except ValueError:
        raise ValidationError(NOT_A_NUMBER) from None


def scaled(value: Any, places: int, below: int) -> int:
    """A sent number as an integer of 10^-places, rounded half away from zero, smaller than `below` units in size."""
    try:
        result = money.scaled(number(value), places)
    except OverflowError:
        result = None
    if result is None or abs(result) >= below * 10**places:
        raise ValidationError(f"must be less than {below}")
    return result


class Money(Wire):
    """Cents as "50.00"; read as any number. A payment is a decimal(10,2); `below` bounds it, in whole units."""

    plain = staticmethod(money.bare)

    openapi: ClassVar = {"type": "string", "pattern": r"^-?[0-9]+\.[0-9]{2}$", "examples": ["50.00"]}
    openapi_sent: ClassVar = NUMBER_SENT | {"examples": ["50.00"]}

    def __init__(self, *columns: str, below: int = 10**8, **kwargs: Any) -> None:
        super().__init__(*columns, **kwargs)
        self.below = below

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return scaled(value, 2, self.below)


class FormattedMoney(Wire):
    """Cents with the currency's symbol, "$50.00"; read only."""

    plain = staticmethod(money.formatted)

    openapi: ClassVar = STRING | {"examples": ["$200.00"]}

    def __init__(self, column: str, **kwargs: Any) -> None:
        super().__init__(column, "currency_symbol", dump_only=True, **kwargs)


class Quantity(Wire):
    """Ten-thousandths as a float: 20000 is 2.0."""

    plain = staticmethod(lambda stored: stored / QUANTITY_SCALE)

    openapi: ClassVar = {"type": "number", "examples": [1.0]}
    openapi_sent: ClassVar = {"type": ["number", "string"], "examples": [1]}

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return scaled(value, 4, 10**8)


class Percent(Wire):
    """A tax rate in percent, kept in thousandths; "10%" and 10 are the same. Write only."""

    openapi_sent: ClassVar = NUMBER_SENT | {"description": 'In percent: "20", 20 and "20%" are the same.'}

    def __init__(self, *columns: str) -> None:
        super().__init__(*columns, load_only=True)

    def blank(self) -> int:
        return 0

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return rate(value)


def rate(value: Any) -> int:
    """A percentage in thousandths of a percent."""
    bare = value.strip().removesuffix("%") if isinstance(value, str) else value
    return scaled(bare, len(str(RATE_SCALE)) - 1, 10**6)


class ChargeField(Wire):
    """A discount or shipping: "10%" of the sub-total, or an amount. Write only."""

    openapi_sent: ClassVar = NUMBER_SENT | {"description": '"10%" of the sub-total, or an amount.'}

    def __init__(self) -> None:
        super().__init__(load_only=True)

    def blank(self) -> Charge:
        return Charge()

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Charge:
        return charge(value)


def charge(value: Any) -> Charge:
    """A sent percentage or amount."""
    if isinstance(value, str) and value.strip().endswith("%"):
        return Charge(rate=rate(value))
    return Charge(flat_cents=scaled(value, 2, 10**13))


class Boolean(Wire):
    """True, but for Rails' list of false values; a blank is `blank_is`."""

    openapi = BOOLEAN

    def __init__(self, *columns: str, blank_is: bool | None = False, **kwargs: Any) -> None:
        super().__init__(*columns, **kwargs)
        self.blank_is = blank_is

    def blank(self) -> bool | None:
        return self.blank_is

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if isinstance(value, list | dict):
            raise ValidationError(INVALID)
        return value not in FALSE


class Integer(Wire):
    """A whole number, strictly: 12.0 and "1e3" are none. Smaller than `below` in size."""

    openapi = INTEGER

    def __init__(self, *columns: str, below: int = 2**63, **kwargs: Any) -> None:
        super().__init__(*columns, **kwargs)
        self.below = below

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        if isinstance(value, list | dict):
            raise ValidationError(BLANK if self.required else INVALID)
        text = value if isinstance(value, str) else str(value)
        digits = text.removeprefix("-").removeprefix("+")
        if not (digits.isascii() and digits.isdigit() and len(text) - len(digits) < 2):
            number(value if not isinstance(value, str) else text.replace("_", ""))
            raise ValidationError("must be an integer")
        if len(digits) > 20 or abs(int(text)) >= self.below:
            raise ValidationError(f"must be less than {self.below}")
        return int(text)


class Reference(Integer):
    """The id of another record; one that cannot be an id is invalid."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError:
            raise ValidationError(INVALID) from None
