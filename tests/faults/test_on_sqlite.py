"""Every fault once on SQLite; a file of its own, so that another process of the suite can have it."""

from pathlib import Path

from faults.once import nothing_is_lost
from faults.stages import OnSqlite


def test_nothing_is_lost_and_nothing_doubled(instance: Path) -> None:
    nothing_is_lost(OnSqlite(instance), "SQLite", instance)
