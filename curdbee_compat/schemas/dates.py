"""Dates and moments as the era wrote them: Ruby 1.8 read all of these."""

import datetime
import re
from typing import Any

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|UTC|[+-]\d{2}:?\d{2})?)?"
YEAR, MONTH, DAY = r"(?P<year>[1-9]\d{3})", r"(?P<month>\d{1,2})", r"(?P<day>\d{1,2})"
NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
SHAPES = [
    re.compile(shape + TIME, re.ASCII)
    for shape in (
        f"{YEAR}-{MONTH}-{DAY}",
        f"{YEAR}/{MONTH}/{DAY}",
        r"(?P<year>[1-9]\d{3})(?P<month>\d{2})(?P<day>\d{2})",
        f"{DAY}-{MONTH}-{YEAR}",
        f"{MONTH}/{DAY}/{YEAR}",  # month first, as Ruby 1.8 did
        f"{DAY}[ -]{NAME}[ -]{YEAR}",
        f"{NAME} {DAY},? {YEAR}",
    )
]

MOMENT = re.compile(  # the slashes and the blank before the zone: Rails 2.3 without its standard time format
    r"(\d{4})[-/](\d{2})[-/](\d{2})[T ](\d{2}:\d{2}:\d{2})(?:\.\d+)?\s?(?:Z|UTC|GMT|([+-]\d{2}:?\d{2}))?", re.ASCII
)


def moment(value: Any) -> datetime.datetime:
    """A moment as the tables keep it: UTC, without a zone, to the second. ValueError for anything else."""
    match = MOMENT.fullmatch(value.strip()) if isinstance(value, str) and len(value) <= 64 else None
    if not match:
        raise ValueError("not a moment")
    year, month, day, time, zone = match.groups()
    try:
        there = datetime.datetime.fromisoformat(f"{year}-{month}-{day}T{time}{zone or '+00:00'}")
        return there.astimezone(datetime.UTC).replace(tzinfo=None)
    except OverflowError as error:  # the year 1 east of Greenwich
        raise ValueError("not a moment") from error


def calendar_date(value: Any) -> datetime.date:
    """The date as written, whatever time or zone stands behind it. ValueError for anything else, numbers among it."""
    if not isinstance(value, str) or len(value) > 64:
        raise ValueError("not a date")
    for shape in SHAPES:
        if match := shape.fullmatch(value.strip()):
            parts = match.groupdict()
            month = int(parts["month"]) if "month" in parts else MONTHS.index(parts["name"][:3].lower()) + 1
            return datetime.date(int(parts["year"]), month, int(parts["day"]))
    raise ValueError("not a date")
