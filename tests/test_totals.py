"""Totals by examples, and against a computation of its own in Decimal. No application."""

from decimal import ROUND_HALF_UP, Decimal, localcontext

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.money import MAX_CENTS
from curdbee_compat.totals import (
    QUANTITY_SCALE,
    RATE_SCALE,
    Charge,
    Line,
    Terms,
    Totals,
    due_cents,
    line_total,
    state,
    totals,
)

NOTHING = Charge()


def terms(
    discount: Charge = NOTHING,
    shipping: Charge = NOTHING,
    tax_rate: int = 0,
    tax2_rate: int = 0,
    tax2_compound: bool = False,
    unit: int = 1,
) -> Terms:
    return Terms(discount, shipping, tax_rate, tax2_rate, tax2_compound, unit)


def one(price_cents: int) -> Line:
    return Line(price_cents, QUANTITY_SCALE)


def rounded(amount: Decimal, unit: int) -> Decimal:
    """To a multiple of unit cents; what is divided here are amounts in the currency, not cents."""
    step = Decimal(unit) / 100
    return (amount / step).quantize(Decimal(1), ROUND_HALF_UP) * step


def expected_parts(lines: list[Line], terms: Terms) -> tuple[Decimal, ...]:
    """The rule of totals() once more, in Decimals of the currency and rates as fractions."""

    def charge(charge: Charge, sub_total: Decimal) -> Decimal:
        share = sub_total * Decimal(charge.rate) / RATE_SCALE / 100
        return rounded(share if charge.rate else Decimal(charge.flat_cents) / 100, terms.unit)

    sub_total = sum(
        (
            rounded(Decimal(line.price_cents) / 100 * Decimal(line.quantity) / QUANTITY_SCALE, terms.unit)
            for line in lines
        ),
        Decimal(0),
    )
    discount = charge(terms.discount, sub_total)
    base = sub_total - discount
    tax = rounded(base * terms.tax_rate / RATE_SCALE / 100, terms.unit)
    taxed2 = base + tax if terms.tax2_compound else base
    tax2 = rounded(taxed2 * terms.tax2_rate / RATE_SCALE / 100, terms.unit)
    shipping = charge(terms.shipping, sub_total)
    return sub_total, discount, tax, tax2, shipping, base + tax + tax2 + shipping


prices = st.integers(-(10**9), 10**9)
rates = st.integers(-200 * RATE_SCALE, 200 * RATE_SCALE) | st.sampled_from([0, 1, 10_000, 33_333, 100_000])
charges = st.builds(Charge, rate=rates) | st.builds(Charge, flat_cents=prices)
any_lines = st.lists(st.builds(Line, prices, st.integers(-(10**8), 10**8)), max_size=8)
any_terms = st.builds(Terms, charges, charges, rates, rates, st.booleans(), st.sampled_from([1, 100]))


@given(any_lines, any_terms)
def test_totals_equal_an_independent_computation_in_decimals(lines: list[Line], terms: Terms) -> None:
    with localcontext(prec=100):
        parts = expected_parts(lines, terms)
        result = totals(iter(lines), terms)
        assert [part * 100 for part in parts] == [
            result.sub_total_cents,
            result.discount_cents,
            result.tax_cents,
            result.tax2_cents,
            result.shipping_cents,
            result.total_cents,
        ]
    assert result.sub_total_cents == sum(line_total(line, terms.unit) for line in lines)


@given(any_lines, any_terms, prices)
def test_paid_and_due_make_the_total_unless_overpaid(lines: list[Line], terms: Terms, paid: int) -> None:
    total = totals(lines, terms).total_cents
    due = due_cents(total, paid)
    assert paid + due == total or (due == 0 and paid > total)


@given(any_lines, any_terms, prices, st.booleans())
def test_what_is_paid_owes_nothing_and_what_is_partial_owes_something(
    lines: list[Line], terms: Terms, paid: int, delivered: bool
) -> None:
    total = totals(lines, terms).total_cents
    word = state(False, delivered, total, paid)
    due = due_cents(total, paid)
    assert (word == "paid") == (paid > 0 and due == 0)
    assert (word == "partial") == (paid > 0 and due > 0)


def test_a_statement_without_lines_comes_to_nothing() -> None:
    assert totals([], terms()) == Totals(0, 0, 0, 0, 0, 0)


def test_a_quantity_is_in_ten_thousandths_and_a_line_is_rounded_by_itself() -> None:
    assert line_total(Line(333, 15_000), unit=1) == 500  # 3.33 * 1.5 = 4.995
    assert line_total(Line(-333, 15_000), unit=1) == -500
    assert line_total(Line(333, -15_000), unit=1) == -500
    assert totals([Line(1, 5_000), Line(1, 5_000)], terms()).sub_total_cents == 2


def test_a_percentage_discount_is_taken_before_tax_and_shipping_is_untaxed() -> None:
    result = totals([one(10_000)], terms(Charge(rate=10_000), Charge(flat_cents=500), tax_rate=20_000))
    assert result == Totals(10_000, 1_000, 1_800, 0, 500, 11_300)


def test_percentage_shipping_is_of_the_sum_before_the_discount() -> None:
    result = totals([one(10_000)], terms(Charge(flat_cents=4_000), Charge(rate=10_000)))
    assert (result.discount_cents, result.shipping_cents, result.total_cents) == (4_000, 1_000, 7_000)


def test_the_second_tax_is_on_the_same_base_unless_compound() -> None:
    simple = totals([one(10_000)], terms(tax_rate=10_000, tax2_rate=10_000))
    compound = totals([one(10_000)], terms(tax_rate=10_000, tax2_rate=10_000, tax2_compound=True))
    assert (simple.tax2_cents, compound.tax2_cents) == (1_000, 1_100)


def test_a_compound_tax_is_on_the_rounded_first_tax() -> None:
    # 50 % of 0.05 rounds to 0.03; then 31.25 % of 0.08 is 0.025, but of 0.075 it would be 0.0234.
    result = totals([one(5)], terms(tax_rate=50_000, tax2_rate=31_250, tax2_compound=True))
    assert (result.tax_cents, result.tax2_cents) == (3, 3)


def test_rates_are_thousandths_of_a_percent() -> None:
    assert totals([one(1_000_000)], terms(tax_rate=7_125)).tax_cents == 71_250
    assert totals([one(10_000_000)], terms(tax_rate=1)).tax_cents == 100


def test_yen_round_to_whole_units_in_every_part() -> None:
    result = totals(
        [Line(15_050, 10_000), Line(10_000, 12_550)],
        terms(Charge(rate=10_000), Charge(flat_cents=1_050), tax_rate=8_000, unit=100),
    )
    # 150.50 -> 151, 125.50 -> 126; discount 27.7 -> 28; tax on 249: 19.92 -> 20; shipping 10.50 -> 11.
    assert result == Totals(27_700, 2_800, 2_000, 0, 1_100, 28_000)


def test_a_credit_line_and_a_discount_past_everything_make_a_negative_total() -> None:
    assert totals([one(1_000), Line(500, -30_000)], terms()).total_cents == -500
    assert totals([one(1_000)], terms(Charge(rate=150_000))).total_cents == -500
    assert totals([one(1_000)], terms(Charge(flat_cents=2_500))).total_cents == -1_500


@pytest.mark.parametrize("sign", [1, -1])
def test_a_total_may_reach_the_maximum_but_not_pass_it(sign: int) -> None:
    most = one(sign * MAX_CENTS)
    assert totals([most], terms()).total_cents == sign * MAX_CENTS
    with pytest.raises(OverflowError, match=r"^total$"):
        totals([most, one(sign)], terms())


@pytest.mark.parametrize(
    "too_much",
    [
        terms(discount=Charge(flat_cents=MAX_CENTS + 1), shipping=Charge(flat_cents=1_000)),
        terms(shipping=Charge(flat_cents=-MAX_CENTS - 1)),
        terms(tax_rate=100_001, tax2_rate=-100_001),
        terms(tax_rate=-100_001, tax2_rate=100_001),
    ],
    ids=["discount", "shipping", "tax", "tax2"],
)
def test_no_part_may_pass_the_maximum_even_when_the_total_does_not(too_much: Terms) -> None:
    with pytest.raises(OverflowError, match=r"^total$"):
        totals([one(MAX_CENTS)], too_much)


def test_no_line_may_pass_the_maximum_even_when_another_takes_it_back() -> None:
    with pytest.raises(OverflowError, match=r"^total$"):
        totals([one(MAX_CENTS + 1), one(-MAX_CENTS - 1)], terms())


@pytest.mark.parametrize(
    ("total", "paid", "due"),
    [(200, 50, 150), (200, 200, 0), (200, 300, 0), (200, -50, 250), (-200, 0, 0), (0, 0, 0)],
)
def test_due_is_what_is_left_and_never_negative(total: int, paid: int, due: int) -> None:
    assert due_cents(total, paid) == due


@pytest.mark.parametrize(
    ("closed", "delivered", "total", "paid", "word"),
    [
        (True, True, 100, 100, "closed"),
        (True, False, 100, 0, "closed"),
        (False, False, 100, 100, "paid"),
        (False, True, 100, 150, "paid"),
        (False, True, 0, 1, "paid"),
        (False, True, -100, 1, "paid"),
        (False, True, 100, 1, "partial"),
        (False, False, 100, 99, "partial"),
        (False, True, 100, 0, "sent"),
        (False, True, 0, 0, "sent"),
        (False, True, 100, -10, "sent"),
        (False, True, -100, -100, "sent"),
        (False, False, 100, 0, "draft"),
        (False, False, 0, 0, "draft"),
    ],
)
def test_state_follows_from_closing_delivery_and_payments(
    closed: bool, delivered: bool, total: int, paid: int, word: str
) -> None:
    assert state(closed, delivered, total, paid) == word
