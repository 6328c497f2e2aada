"""A round: load, faults, and then the books are compared."""

import time
from pathlib import Path
from random import Random

from faults import checks
from faults.figures import Figures
from faults.load import Load
from faults.scenarios import Scenario
from faults.stages import OnPostgres, OnSqlite, Stage, stage

WRITERS = 8  # more than the server lets write at a time


def play(scenario: Scenario, place: OnSqlite | OnPostgres, folder: Path, figures: Figures, chance: Random) -> None:
    """One round on a new database."""
    figures.rounds += 1
    with stage(place, folder, f"round_{chance.randrange(10**9)}") as made:
        load = Load(made.server.port, made.accounts, figures, WRITERS, scenario.bulky)
        load.start()
        try:
            load.await_acknowledged(20)
            for _ in range(scenario.times):
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
    time.sleep(chance.uniform(0, 2))
    gone = scenario.fault(made, load, chance.uniform(*scenario.seconds))
    figures.faults += 1
    load.await_acknowledged()
    figures.recovery = max(figures.recovery, time.monotonic() - gone)
    if scenario.felt and load.journal.unanswered == unanswered:
        figures.violated("failed", "no write was refused, so the fault was none")
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
