"""Money in integer hundredths: text in, text out, one rounding, half away from zero; knows no currency."""

import re
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_UP, Context, Decimal, DecimalException, InvalidOperation

MAX_PAYMENT_CENTS = 10**10 - 1  # what fits decimal(10,2), the column type of the original
MAX_CENTS = 10**15  # the most any total or price may be, either sign

_MAX_SCALED_DIGITS = 18
# Ruby's Float(), by which Rails judges "is not a number", less its underscores: in money they are a slip.
_NUMBER = re.compile(r"\s*([+-]?(?:\d+(?:\.\d+)?|\.\d+)(?:e[+-]?\d+)?)\s*", re.ASCII | re.IGNORECASE)
# A context of our own: the thread's could round to fewer digits. ROUND_HALF_UP is half away from zero.
_EXACT = Context(prec=40, rounding=ROUND_HALF_UP, Emin=MIN_EMIN, Emax=MAX_EMAX, traps=[InvalidOperation])


def number(text: str) -> Decimal:
    """The exact value of a bare number as Rails took it: " 5 ", "+5", ".5", "1e3".

    ValueError for anything else: "", "5.", "1_000", "1,000", "$5", "0x1F", "NaN", digits other than 0-9.
    The value may be of any size ("1e400"): never int() it, scaled() knows the limit.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError("is not a number")
    try:
        return Decimal(match[1])
    except DecimalException as error:  # an exponent of 19 digits
        raise ValueError("is not a number") from error


def scaled(value: Decimal, places: int) -> int:
    """value * 10**places, rounded half away from zero: scaled(Decimal("1.005"), 2) is 101.

    OverflowError past 10**18 in size, and for an infinity or NaN; the number is not built then.
    """
    if not value:
        return 0
    if not value.is_finite() or value.adjusted() + places > _MAX_SCALED_DIGITS:
        raise OverflowError("number")
    rounded = value.quantize(Decimal((0, (1,), -places)), context=_EXACT)
    result = int(rounded.scaleb(places, context=_EXACT))
    if abs(result) > 10**_MAX_SCALED_DIGITS:
        raise OverflowError("number")
    return result


def cents(value: Decimal) -> int:
    """An amount of money in hundredths, rounded half away from zero; OverflowError as scaled()."""
    return scaled(value, 2)


def bare(cents: int) -> str:
    """Two decimals and no symbol, as payments and line items show money: 5000 is "50.00", -5 is "-0.05"."""
    return f"{cents // 100}.{cents % 100:02d}" if cents >= 0 else f"-{bare(-cents)}"


def formatted(cents: int, symbol: str) -> str:
    """With the currency's symbol and no thousands separator, as totals show money: "$1600.00", "-$5.00"."""
    return f"-{symbol}{bare(-cents)}" if cents < 0 else f"{symbol}{bare(cents)}"


def divided(numerator: int, denominator: int) -> int:
    """numerator / denominator in integers, rounded half away from zero; ZeroDivisionError for 0."""
    size = (2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator))
    return -size if (numerator < 0) != (denominator < 0) else size
