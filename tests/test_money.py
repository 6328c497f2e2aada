"""Money: what is a number, how it is rounded, how it is written. No application."""

import time
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.money import MAX_CENTS, MAX_PAYMENT_CENTS, bare, cents, divided, formatted, number, scaled

REFUSED = [
    "", " ", "abc", "5.", "5abc", "1_000", "1,000.00", "$5.00", "0x1F", "NaN", "Infinity", "-Infinity", "inf",
    "1 000", "--5", "+-5", "5-", ".", "+", "e3", "1e", "1e1.5", "5 .0", "\u0665", "\uff15", "5\u00a0",
    "1e\u0663", "5\x00", "(5)", "5%",
]  # fmt: skip


def half_away(value: Fraction) -> int:
    size = abs(value)
    whole = size.numerator // size.denominator
    whole += size - whole >= Fraction(1, 2)
    return -whole if value < 0 else whole


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("100.00", "100"),
        ("100", "100"),
        (" 5.00 ", "5"),
        ("5\n", "5"),
        ("\t5\r\n", "5"),
        ("+5", "5"),
        ("-5.5", "-5.5"),
        (".5", "0.5"),
        ("-.5", "-0.5"),
        ("1e3", "1000"),
        ("1E3", "1000"),
        ("1.5e-3", "0.0015"),
        (".5e+1", "5"),
        ("007", "7"),
    ],
)
def test_a_bare_number_is_taken_as_rails_took_it(text: str, value: str) -> None:
    assert number(text) == Decimal(value)


@pytest.mark.parametrize("text", REFUSED)
def test_anything_else_is_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number(text)


def test_a_number_is_exact_however_long() -> None:
    text = "1." + "0" * 60 + "1"
    assert str(number(text)) == text


def test_a_huge_exponent_is_a_number_that_is_never_built() -> None:
    started = time.process_time()
    for text in ("1e400", "-1e400", "1e999999999999999999", "9" * 100_000):
        with pytest.raises(OverflowError):
            scaled(number(text), 2)
    assert scaled(number("1e-999999999999999999"), 2) == 0
    assert scaled(number("0e999999999999999999"), 2) == 0
    assert time.process_time() - started < 1


@pytest.mark.parametrize("text", ["1e9999999999999999999", "1e-9999999999999999999", "0e" + "9" * 5000])
def test_an_exponent_past_all_bounds_is_not_a_number(text: str) -> None:
    with pytest.raises(ValueError, match="is not a number"):
        number(text)


@given(st.text())
def test_a_text_is_a_number_of_the_decimal_module_or_refused(text: str) -> None:
    try:
        value = number(text)
    except ValueError:
        return
    assert value == Decimal(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.005", 101),
        ("-1.005", -101),
        ("12.345", 1235),
        ("-12.345", -1235),
        ("12.355", 1236),
        ("0.004999999999999999999999999999999999999999999", 0),
        ("-0.001", 0),
        ("99999999.994", MAX_PAYMENT_CENTS),
        ("99999999.995", MAX_PAYMENT_CENTS + 1),
        ("10000000000000", MAX_CENTS),
    ],
)
def test_cents_round_half_away_from_zero(text: str, expected: int) -> None:
    assert cents(Decimal(text)) == expected


@given(
    st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12),
    st.integers(0, 4),
)
def test_scaled_equals_the_exact_fraction_rounded(value: Decimal, places: int) -> None:
    assert scaled(value, places) == half_away(Fraction(value) * 10**places)


def test_scaled_does_not_depend_on_the_precision_of_the_thread() -> None:
    with localcontext(prec=3):
        assert scaled(Decimal("123456789012.345"), 2) == 12345678901235


@pytest.mark.parametrize("sign", [1, -1])
def test_scaled_goes_to_ten_to_the_eighteenth_and_no_further(sign: int) -> None:
    assert scaled(Decimal(sign * 10**16), 2) == sign * 10**18
    assert scaled(sign * Decimal("1e18"), 0) == sign * 10**18
    for value in (
        Decimal(sign * 10**18 + sign),
        sign * (Decimal(10**18) + Decimal("0.5")),
        sign * Decimal("1e19"),
    ):
        with pytest.raises(OverflowError):
            scaled(value, 0)


@pytest.mark.parametrize("text", ["Infinity", "-Infinity", "NaN", "sNaN"])
def test_what_is_not_finite_cannot_be_scaled(text: str) -> None:
    with pytest.raises(OverflowError):
        scaled(Decimal(text), 2)


@pytest.mark.parametrize(
    ("amount", "text"),
    [(5000, "50.00"), (0, "0.00"), (5, "0.05"), (-5, "-0.05"), (-50, "-0.50"), (-500, "-5.00"), (99, "0.99")],
)
def test_bare_money_has_two_decimals_and_no_symbol(amount: int, text: str) -> None:
    assert bare(amount) == text


@pytest.mark.parametrize(
    ("amount", "symbol", "text"),
    [
        (160000, "$", "$1600.00"),
        (-500, "$", "-$5.00"),
        (0, "€", "€0.00"),
        (-5, "Rs", "-Rs0.05"),
        (500000, "¥", "¥5000.00"),
    ],
)
def test_formatted_money_has_the_symbol_after_the_sign_and_no_thousands_separator(
    amount: int, symbol: str, text: str
) -> None:
    assert formatted(amount, symbol) == text


@given(st.integers(-(10**17), 10**17))
def test_money_written_and_read_again_is_the_same(amount: int) -> None:
    assert cents(number(bare(amount))) == amount
    assert formatted(amount, "") == bare(amount)


@given(st.integers(), st.integers().filter(bool))
def test_divided_rounds_the_exact_quotient_half_away_from_zero(numerator: int, denominator: int) -> None:
    assert divided(numerator, denominator) == half_away(Fraction(numerator, denominator))


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(5, 2, 3), (-5, 2, -3), (5, -2, -3), (-5, -2, 3), (4, 3, 1), (5, 3, 2), (0, 7, 0), (-1, 3, 0)],
)
def test_divided_by_examples(numerator: int, denominator: int, expected: int) -> None:
    assert divided(numerator, denominator) == expected


def test_divided_by_zero_is_an_error() -> None:
    with pytest.raises(ZeroDivisionError):
        divided(1, 0)
