"""How often recurring profiles bill, and the dates that follow from it; knows no profile."""

import calendar
import datetime

# The number that old clients send, the label that is shown, and the step: days, or months. Daily, Weekly and Monthly
# are known from the original; the rest of the table is our own.
MONTHLY = 4
FREQUENCIES = {
    1: ("Daily", 1, 0),
    2: ("Weekly", 7, 0),
    3: ("Biweekly", 14, 0),
    4: ("Monthly", 0, 1),
    5: ("Quarterly", 0, 3),
    6: ("Half-yearly", 0, 6),
    7: ("Yearly", 0, 12),
}
DUE_TERMS = {"Due on Receipt": 0, "Net 7": 7, "Net 15": 15, "Net 30": 30, "Net 45": 45, "Net 60": 60}  # days


def later(date: datetime.date, days: int = 0, months: int = 0) -> datetime.date | None:
    """So many days and months on; a day that the month does not have is its last. None past the year 9999."""
    years, month = divmod(date.month - 1 + months, 12)
    try:
        last = calendar.monthrange(date.year + years, month + 1)[1]
        moved = date.replace(date.year + years, month + 1, min(date.day, last))
        return moved + datetime.timedelta(days)
    except (OverflowError, ValueError):
        return None
