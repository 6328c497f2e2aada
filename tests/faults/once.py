"""Every fault once, as short as can be told from none. `make faults` goes on for longer."""

from pathlib import Path
from random import Random

from faults.figures import Figures, table
from faults.rounds import play
from faults.scenarios import brief
from faults.stages import OnPostgres, OnSqlite


def nothing_is_lost(place: OnPostgres | OnSqlite, name: str, instance: Path) -> None:
    """Play each scenario of this place, close it, and fail where the books disagree."""
    figures, scenarios = Figures("all", name), brief(place)
    try:
        play(scenarios, place, instance, figures, Random())
    finally:
        place.close()
    assert figures.violations == []
    assert figures.acknowledged >= 20
    assert table([figures]).splitlines()[2].startswith(f"| all | {name} | 1 | {len(scenarios)} |")
