"""The readers of bodies, on some of what `make fuzz` goes on with."""

from collections.abc import Callable

import pytest
from hypothesis import settings
from tables import by_row

from fuzz import by_reading

BOUNDED = settings(max_examples=100, derandomize=True, database=None, deadline=None)


@pytest.mark.parametrize("format", by_reading.READERS)
def test_any_body_is_read_or_malformed_in_time(format: str) -> None:
    BOUNDED(by_reading.trial(format))()


@by_row("comes_back", by_reading.COMING_BACK)
def test_what_was_written_is_read_the_same(comes_back: Callable[[], Callable[[], None]]) -> None:
    BOUNDED(comes_back())()
