"""A round: load, faults, and then the books are compared."""

import time
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from random import Random

from faults import checks
from faults.figures import Figures
from faults.load import Load
from faults.scenarios import Scenario
from faults.stages import OnPostgres, OnSqlite, Stage, stage

_numbers = count(1)
WRITERS = 8  # more than the server lets write at a time


def play(
    scenarios: Sequence[Scenario], place: OnSqlite | OnPostgres, folder: Path, figures: Figures, chance: Random
) -> None:
    """One round on a new database, a fault after the other."""
    figures.rounds += 1
    with stage(place, folder, f"round_{next(_numbers)}") as made:
        bulky = any(scenario.bulky for scenario in scenarios)
        load = Load(made.server.port, made.accounts, figures, WRITERS, bulky)
        load.start()
        try:
            load.await_acknowledged(20)
            for scenario in scenarios:
                strike(scenario, made, load, chance)
        except RuntimeError as error:
            figures.violated("failed", str(error))
        finally:
            load.stop()
        settle(made, load)


def strike(scenario: Scenario, made: Stage, load: Load, chance: Random) -> None:
    """One fault at a random moment, and the recovery from it."""
    figures, before = load.figures, checks.versions(made.database.engine)
    unanswered = load.journal.unanswered
    time.sleep(chance.uniform(0, scenario.calm))
    gone = scenario.fault(made, load, chance.uniform(*scenario.seconds))
    figures.faults += 1
    load.await_acknowledged()
    figures.recovery = max(figures.recovery, time.monotonic() - gone)
    if scenario.felt and load.journal.unanswered == unanswered:
        figures.violated("failed", f"no write was refused: {scenario.name} was no fault")
    made.database.engine.dispose()  # its own connections have seen the fault as well
    after = checks.versions(made.database.engine)
    if fallen := {user: version for user, version in before.items() if after[user] < version}:
        figures.violated("wrong", f"versions fell from {fallen} to {after}")


def settle(made: Stage, load: Load) -> None:
    """Compare what stands in the database with what was sent."""
    figures, engine = load.figures, made.database.engine
    figures.acknowledged += load.journal.acknowledged
    figures.unanswered += load.journal.unanswered
    for kind, text in load.journal.compare(checks.marks(engine, made.given)):
        if kind == "stored":
            figures.stored += 1
        else:
            figures.violated(kind, text)
    for text in checks.contradictions(engine):
        figures.violated("wrong", text)
