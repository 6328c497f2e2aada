"""`python -m fuzz` (`make fuzz`): round after round with fresh seeds against real servers, until the time is up."""

import os
import random
import sys
import tempfile
import time
import warnings
from argparse import ArgumentParser
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import postgres
from backends import Backend
from databases import PostgresDatabase, SqliteDatabase
from hypothesis import HealthCheck, given, seed, settings

from fuzz import by_hand, by_reading, by_schema
from fuzz.exchange import Request, Served
from fuzz.ground import Ground, Tally

MEMORY = "/dev/shm"
OF_SCHEMA, OF_HAND, OF_READERS = 10, 300, 200  # examples of each trial in a round
DATABASES = ("SQLite", "Postgres")  # whose turn it is, by the seed


class Fuzz:
    """What is served, and what came of it. `found` holds what was wrong, and how to have it again."""

    def __init__(self, stack: ExitStack, folder: Path) -> None:
        server = postgres.start()
        stack.callback(server.stop)
        self.tally, self.examples, self.rounds, self.found = Tally(), 0, 0, []
        databases = SqliteDatabase(folder / "curdbee.db"), PostgresDatabase(server, "fuzz", folder)
        self._backends = [Backend(database, folder) for database in databases]
        for backend in self._backends:
            stack.callback(backend.close)

    def go_on(self, first: int, minutes: float) -> None:
        """Rounds with the seeds from the first on, until the time is up or something is found."""
        until = time.monotonic() + minutes * 60
        while time.monotonic() < until and not self.found:
            self._round(first + self.rounds, until)
            self.rounds += 1

    def _round(self, number: int, until: float) -> None:
        name = DATABASES[number % 2]
        backend = self._backends[number % 2]
        ground = Ground(Served(backend.server), backend.served_database, self.tally)
        for label, examples, trial in self._trials(ground):
            if time.monotonic() > until:
                return
            ground.replenish()
            chosen = settings(max_examples=examples, database=None, deadline=None, suppress_health_check=HEALTH)
            try:
                seed(number)(chosen(trial))()
            except Exception as error:  # noqa: BLE001 - whatever it is, it was found
                self.found.append(f"{label} on {name}: make fuzz SEED={number}\n{told(error)}")

    def _trials(self, ground: Ground) -> Iterator[tuple[str, int, Callable[[], None]]]:
        """Name, how many examples, and what to run."""

        @given(by_hand.requests(ground))
        def odd(request: Request) -> None:
            ground.exchange(request)

        for operation in by_schema.operations(ground):
            yield operation.label, OF_SCHEMA, by_schema.trial(operation, ground)
        yield "odd requests", OF_HAND, odd
        for format in by_reading.READERS:
            yield f"reading {format}", OF_READERS, by_reading.trial(format)
            self.examples += OF_READERS
        for name, trial in by_reading.COMING_BACK.items():
            yield name, OF_READERS, trial()
            self.examples += OF_READERS

    def table(self) -> Iterator[tuple[str, str]]:
        """What is printed at the end."""
        yield "rounds", f"{self.rounds}"
        yield "requests", f"{self.tally.statuses.total():,}"
        for hundred in (2, 3, 4, 5):
            yield f"{hundred}xx", f"{self.tally.of_class(hundred):,}"
        yield "answers unlike the document", f"{self.tally.mismatches}"
        yield "bodies for the readers, about", f"{self.examples:,}"
        yield "longest answer", f"{self.tally.longest:.2f} s"


HEALTH = list(HealthCheck)


def told(error: BaseException) -> str:
    """What was wrong, with the smallest example; of several each."""
    if isinstance(error, BaseExceptionGroup):
        return "\n".join([str(error), *map(told, error.exceptions)])
    return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])


def main() -> None:
    """Ends with 1 where anything was found."""
    parser = ArgumentParser("python -m fuzz", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long (5)")
    parser.add_argument("--seed", type=int, help="of the first round; even ones are on SQLite, odd ones on Postgres")
    options = parser.parse_args()
    first = random.randrange(10**9) if options.seed is None else options.seed
    warnings.simplefilter("ignore")
    where = MEMORY if os.access(MEMORY, os.W_OK) else None
    with ExitStack() as stack:
        fuzz = Fuzz(stack, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="curdbee-", dir=where))))
        print(f"Fuzzing for {options.minutes:g} minutes from seed {first}", flush=True)
        fuzz.go_on(first, options.minutes)
        for name, figure in fuzz.table():
            print(f"{name:<32}{figure:>12}")
    for each in fuzz.found:
        print(f"\nFOUND in {each}", file=sys.stderr)
    sys.exit(bool(fuzz.found))


if __name__ == "__main__":
    main()
