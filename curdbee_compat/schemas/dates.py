"""Dates as old clients write them: Ruby 1.8 read all of these."""

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
