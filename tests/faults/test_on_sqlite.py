"""Every fault once on SQLite, and as short as can be told from none. `make faults` goes on for longer."""

from pathlib import Path
from random import Random

from faults.figures import Figures, table
from faults.rounds import play
from faults.scenarios import brief
from faults.stages import OnSqlite


def test_nothing_is_lost_and_nothing_doubled(instance: Path) -> None:
    place, figures = OnSqlite(instance), Figures("all", "SQLite")
    scenarios = brief(place)
    try:
        play(scenarios, place, instance, figures, Random())
    finally:
        place.close()
    assert figures.violations == []
    assert figures.acknowledged >= 20
    assert table([figures]).splitlines()[2].startswith(f"| all | SQLite | 1 | {len(scenarios)} |")
