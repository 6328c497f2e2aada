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


@pytest.fixture
def empty(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str], Place]]:
    """Make databases of a kind without tables."""
    made = []

    def place(kind: str) -> Place:
        name = f"restored_{next(_numbers)}"
        url = f"sqlite:///{tmp_path}/{name}.db"
        if kind == "postgres":
            url = request.getfixturevalue("postgres_server").database(name)
        made.append(Place(url, tmp_path))
        return made[-1]

    yield place
    for one in made:
        one.close()


@pytest.fixture
def target(empty: Callable[[str], Place], backend: str) -> Place:
    """A database without tables, of the same kind as the app's."""
    return empty(backend)
