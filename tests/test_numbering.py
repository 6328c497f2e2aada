"""The number after the last one. No application."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curdbee_compat.numbering import candidates, following


@pytest.mark.parametrize(
    ("last", "next_one"),
    [
        (None, "1"),
        ("1", "2"),
        ("99", "100"),
        ("INV-009", "INV-010"),
        ("INV-999", "INV-1000"),
        ("2024/0001", "2024/0002"),
        ("A1B", "A1B1"),
        ("ABC", "ABC1"),
        ("", "1"),
        ("007 ", "007 1"),
        ("No. \u0665", "No. \u06651"),
        ("\u00b2", "\u00b21"),
        ("9\n", "9\n1"),
        ("000", "001"),
        ("-1", "-2"),
    ],
)
def test_the_trailing_digits_count_on_with_prefix_and_padding(last: str | None, next_one: str) -> None:
    assert following(last) == next_one


@pytest.mark.parametrize("last", ["9" * 255, "x" * 255, "x" * 256, "9" * 10_000])
def test_a_number_that_would_be_too_long_begins_again_at_one(last: str) -> None:
    assert following(last) == "1"


@pytest.mark.parametrize("last", ["x" * 254, "1" * 255, "x" * 246 + "123456789"])
def test_a_number_may_fill_its_column(last: str) -> None:
    assert len(following(last)) == 255


@given(
    st.text(max_size=40).filter(lambda text: text[-1:] not in set("0123456789")),
    st.integers(0, 10**12),
    st.integers(0, 20),
)
def test_any_prefix_stays_and_the_count_goes_up_by_one(prefix: str, count: int, width: int) -> None:
    assert following(f"{prefix}{count:0{width}d}") == f"{prefix}{count + 1:0{width}d}"


def test_candidates_go_on_from_the_last_without_end() -> None:
    assert list(islice(candidates("INV-098"), 3)) == ["INV-099", "INV-100", "INV-101"]
    assert list(islice(candidates(None), 2)) == ["1", "2"]
    assert list(islice(candidates("9" * 255), 2)) == ["1", "2"]


@given(st.none() | st.text(max_size=255))
def test_a_thousand_candidates_are_all_different(last: str | None) -> None:
    numbers = list(islice(candidates(last), 1000))
    assert len(set(numbers)) == 1000
