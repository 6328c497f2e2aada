"""What a statement adds up to, and the state that follows from it; integers only, no rows, no texts."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass

from curdbee_compat.money import MAX_CENTS, divided

QUANTITY_SCALE = 10_000  # a quantity of 1 is 10_000
RATE_SCALE = 1_000  # a rate of 1 % is 1_000: thousandths of a percent
_WHOLE_RATE = 100 * RATE_SCALE


@dataclass(frozen=True)
class Line:
    """A price in cents and a quantity in ten-thousandths; either may be negative (a credit line)."""

    price_cents: int
    quantity: int


@dataclass(frozen=True)
class Charge:
    """A discount or shipping as entered: "10%" is rate 10_000, "5.00" is flat_cents 500; never both."""

    rate: int = 0
    flat_cents: int = 0


@dataclass(frozen=True)
class Terms:
    """What is done to the sum of the lines. unit: what amounts round to, in cents: 1, or 100 for yen."""

    discount: Charge
    shipping: Charge
    tax_rate: int
    tax2_rate: int
    tax2_compound: bool
    unit: int


@dataclass(frozen=True)
class Totals:
    """The parts of a statement's total, in cents, each rounded by itself."""

    sub_total_cents: int
    discount_cents: int
    tax_cents: int
    tax2_cents: int
    shipping_cents: int
    total_cents: int


def line_total(line: Line, unit: int) -> int:
    """price * quantity in cents, rounded to the unit (in cents), half away from zero."""
    return _to_unit(line.price_cents * line.quantity, QUANTITY_SCALE, unit)


def totals(lines: Iterable[Line], terms: Terms) -> Totals:
    """Discount, then both taxes on what is left (compound: tax2 on the rounded tax too), shipping untaxed.

    The samples of the original show only zero taxes and discounts: this order is our ruling.
    OverflowError("total") when a line total or any part is past MAX_CENTS, either sign.
    """
    line_totals = [line_total(line, terms.unit) for line in lines]
    sub_total = sum(line_totals)
    discount = _charged(terms.discount, sub_total, terms.unit)
    base = sub_total - discount
    tax = _portion(base, terms.tax_rate, terms.unit)
    tax2 = _portion(base + tax if terms.tax2_compound else base, terms.tax2_rate, terms.unit)
    shipping = _charged(terms.shipping, sub_total, terms.unit)
    result = Totals(sub_total, discount, tax, tax2, shipping, base + tax + tax2 + shipping)
    if any(abs(part) > MAX_CENTS for part in (*line_totals, *astuple(result))):
        raise OverflowError("total")
    return result


def rate_of(portion: int, amount: int, unit: int) -> int:
    """The rate that makes this portion of an amount, the roundest first: 200 of 1000 is 20 %, not 20.001 %.

    The nearest one where none does, 0 of nothing. Answers of the API show what a tax came to, never its rate."""
    if not portion or not amount:
        return 0
    for step in (RATE_SCALE, RATE_SCALE // 2, RATE_SCALE // 4, RATE_SCALE // 10, RATE_SCALE // 100, 1):
        rate = divided(portion * _WHOLE_RATE, amount * step) * step
        if _portion(amount, rate, unit) == portion:
            break
    return rate


def due_cents(total_cents: int, paid_cents: int) -> int:
    """What is still to be paid; an overpaid or negative total leaves 0."""
    return max(0, total_cents - paid_cents)


def state(closed: bool, delivered: bool, total_cents: int, paid_cents: int) -> str:
    """The one word for a statement's life: closed, paid, partial, sent or draft, the first that holds."""
    if closed:
        return "closed"
    if paid_cents > 0:
        return "paid" if paid_cents >= total_cents else "partial"
    return "sent" if delivered else "draft"


def _charged(charge: Charge, sub_total: int, unit: int) -> int:
    if charge.rate:
        return _portion(sub_total, charge.rate, unit)
    return _to_unit(charge.flat_cents, 1, unit)


def _portion(amount: int, rate: int, unit: int) -> int:
    return _to_unit(amount * rate, _WHOLE_RATE, unit)


def _to_unit(numerator: int, denominator: int, unit: int) -> int:
    return divided(numerator, denominator * unit) * unit
