"""Tables of cases: one row, one test, named by the row's key."""

from collections.abc import Mapping
from typing import Any

import pytest


def by_row(names: str, rows: Mapping[str, Any]) -> pytest.MarkDecorator:
    """Parametrise `names` with the values of `rows`; the keys are the test ids."""
    return pytest.mark.parametrize(names, list(rows.values()), ids=list(rows))
