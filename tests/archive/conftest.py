"""Fixtures of backups: a ledger to back up, and empty databases to restore into."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import ledgers
import pytest
import sqlalchemy as sa
from backups import Place
from commands import Commands
from databases import Database
from inprocess import Http

PAID = "SELECT coalesce(sum(amount_cents), 0) FROM payments WHERE invoice_id = invoices.id"
_numbers = count(1)


@pytest.fixture
def run(database: Database, instance: Path) -> Commands:
    """Commands on the app's database."""
    return Commands(database.url, instance)


@pytest.fixture
def ledger(http: Http, stranger: Http, admin: Http, database: Database) -> Http:
    """Three records of each kind, of the user `demo`, beside whom there are two."""
    ledgers.ledger(http, database, 3)
    with database.engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE invoices SET paid_cents = ({PAID})"))
    return http


@pytest.fixture(scope="session")
def spare() -> list[str]:
    """Databases of Postgres that no test uses now. Making one takes longer than emptying it."""
    return []


@pytest.fixture
def empty(tmp_path: Path, spare: list[str], request: pytest.FixtureRequest) -> Iterator[Callable[[str], Place]]:
    """Make databases of a kind without tables."""
    made: dict[str, list[Place]] = {"sqlite": [], "postgres": []}

    def place(kind: str) -> Place:
        name = f"restored_{next(_numbers)}"
        url = f"sqlite:///{tmp_path}/{name}.sqlite"
        if kind == "postgres":
            url = spare.pop() if spare else request.getfixturevalue("postgres_server").database(name)
        made[kind].append(Place(url, tmp_path))
        return made[kind][-1]

    yield place
    for one in made["postgres"]:
        one.execute("DROP SCHEMA public CASCADE")
        one.execute("CREATE SCHEMA public")
        spare.append(one.run.settings["CURDBEE_DATABASE_URL"])
    for one in [*made["sqlite"], *made["postgres"]]:
        one.close()


@pytest.fixture
def target(empty: Callable[[str], Place], backend: str) -> Place:
    """A database without tables, of the same kind as the app's."""
    return empty(backend)
