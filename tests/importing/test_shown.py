"""Money as answers show it, read back; and terms found that come to the totals shown. No application."""

from dataclasses import asdict

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError
from tables import by_row

from curdbee_compat.importing.shown import amount, terms
from curdbee_compat.money import formatted
from curdbee_compat.schemas.dates import moment
from curdbee_compat.totals import Charge, Line, Terms, rate_of, totals

AMOUNTS = {
    "dollars": ("$1600.00", ("$", 160_000)),
    "negative": ("-$5.00", ("$", -500)),
    "negative-behind": ("$-5.00", ("$", -500)),
    "thousands": ("$1,234,567.89", ("$", 123_456_789)),
    "a-dot-in-the-symbol": ("S/.5.25", ("S/.", 525)),
    "a-blank": ("CHF 5", ("CHF", 500)),
    "bare": ("12.345", ("", 1235)),
    "a-number": (7, ("", 700)),
}


@by_row("shown, expected", AMOUNTS)
def test_an_amount_is_read_with_its_symbol(shown: object, expected: tuple[str, int]) -> None:
    assert amount(shown) == expected


@pytest.mark.parametrize("shown", ["$", "", "1,2", "$1.5.2", "-$-5", "5 $", "1e9999999999", None, True, [1], "٣"])
def test_what_is_no_amount_is_refused(shown: object) -> None:
    with pytest.raises(ValidationError):
        amount(shown)


@given(st.integers(-(10**14), 10**14), st.sampled_from(["$", "€", "CA$", "Cg.", "AED"]))
def test_whatever_this_server_shows_is_read(cents: int, symbol: str) -> None:
    assert amount(formatted(cents, symbol)) == (symbol, cents)


RATES = {
    "whole": (199, 38, 19_000),  # as is 19.095 %
    "quarter": (1_000, 83, 8_250),  # as is 8.3 %
    "thousandths": (100_000, 1_237, 1_237),
    "negative": (-1_000, 83, -8_250),
    "none": (1_000, 0, 0),
    "of-nothing": (0, 5, 0),
}


@by_row("amount, tax, expected", RATES)
def test_the_rate_of_a_tax_is_the_roundest_one(amount: int, tax: int, expected: int) -> None:
    assert rate_of(tax, amount, 1) == expected


lines = st.lists(st.builds(Line, st.integers(-(10**9), 10**9), st.integers(-(10**6), 10**6)), max_size=4)
charges = st.builds(Charge, st.integers(0, 100_000)) | st.builds(Charge, st.just(0), st.integers(-(10**6), 10**6))
rates = st.integers(-30_000, 50_000)


@given(lines, charges, charges, rates, rates, st.booleans(), st.sampled_from([1, 100]))
def test_terms_come_to_the_totals_that_other_terms_came_to(
    lines: list[Line], discount: Charge, shipping: Charge, tax: int, tax2: int, compound: bool, unit: int
) -> None:
    said = asdict(totals(lines, Terms(discount, shipping, tax, tax2, compound, unit)))
    found = terms([asdict(line) for line in lines], said, compound, unit)
    assert {name: found[name] for name in said} == said


MOMENTS = {
    "utc": "2010-08-24T01:47:50Z",
    "zone": "2010-08-24T03:47:50+02:00",
    "zone-without-colon": "2010-08-23 20:47:50 -0500",
    "slashes": "2010/08/24 01:47:50 +0000",
    "fraction": "2010-08-24T01:47:50.999Z",
    "named": "2010-08-24 01:47:50 UTC",
    "no-zone": "2010-08-24 01:47:50",
}


@pytest.mark.parametrize("name", MOMENTS)
def test_a_moment_of_any_zone_is_kept_in_utc(name: str) -> None:
    assert moment(MOMENTS[name]).isoformat() == "2010-08-24T01:47:50"


@pytest.mark.parametrize("value", ["", "2010-08-24", "2010-13-01T00:00:00Z", "0001-01-01T00:00:00+02:00", 5, None])
def test_what_is_no_moment_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match=r".+"):
        moment(value)
