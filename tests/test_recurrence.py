"""Dates that follow from dates: month ends, leap years, and the end of the calendar."""

import datetime

import pytest
from tables import by_row

from curdbee_compat.recurrence import FREQUENCIES, later

date = datetime.date.fromisoformat


@by_row(
    ("start", "months", "expected"),
    {
        "shorter month": ("2023-01-31", 1, "2023-02-28"),
        "leap year": ("2024-01-31", 1, "2024-02-29"),
        "back to the 31st": ("2023-01-31", 2, "2023-03-31"),
        "30 days": ("2023-01-31", 3, "2023-04-30"),
        "over the year": ("2023-11-30", 3, "2024-02-29"),
        "December": ("2023-12-15", 0, "2023-12-15"),
        "to December": ("2023-12-31", 12, "2024-12-31"),
        "leap day a year on": ("2024-02-29", 12, "2025-02-28"),
        "leap day four years on": ("2024-02-29", 48, "2028-02-29"),
        "no leap year in 2100": ("2096-02-29", 48, "2100-02-28"),
    },
)
def test_months_on(start: str, months: int, expected: str) -> None:
    assert later(date(start), months=months) == date(expected)


@pytest.mark.parametrize(("days", "expected"), [(1, "2024-02-29"), (2, "2024-03-01"), (366, "2025-02-28")])
def test_days_on(days: int, expected: str) -> None:
    assert later(date("2024-02-28"), days=days) == date(expected)


@by_row("step", {"a month": {"months": 1}, "a day": {"days": 1}, "ages": {"days": 10**12}, "aeons": {"months": 10**12}})
def test_nothing_follows_the_last_day_there_is(step: dict[str, int]) -> None:
    assert later(datetime.date.max, **step) is None


def test_every_frequency_goes_on() -> None:
    for _label, days, months in FREQUENCIES.values():
        assert later(date("2024-01-01"), days, months) > date("2024-01-01")
