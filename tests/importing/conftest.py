"""What tests of the import take: the command, on the app's database."""

from functools import partial
from pathlib import Path

import pytest
import saved
from backends import Backend
from databases import Database
from saved import Run


@pytest.fixture
def run(running: Backend, database: Database, user: int, instance: Path) -> Run:
    """`curdbee-compat import` with these words; the lines of its report."""
    return partial(saved.importing, running, instance)
