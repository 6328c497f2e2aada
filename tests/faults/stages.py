"""Where a round takes place: a database of its own, two users in it, and a served app."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from databases import SqliteDatabase, migrate
from factories import make_billed_invoice, make_client, make_invoice, make_user, token_of
from postgres import ROLE
from served import Server

from faults.cluster import Cluster
from faults.load import Account

WORKERS = 2


@dataclass
class Database:
    """`url` is the app's; `engine` sees everything."""

    url: str
    engine: sa.Engine


class OnSqlite:
    """Databases that are files."""

    kind = "SQLite"

    def __init__(self, folder: Path) -> None:
        self._pristine = SqliteDatabase(folder / "pristine.db")

    @contextmanager
    def database(self, name: str) -> Iterator[Database]:
        """A new one, which is not kept."""
        made = self._pristine.sibling(name)
        yield Database(made.url, made.engine)
        made.engine.dispose()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{made.engine.url.database}{suffix}").unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the files."""
        self._pristine.engine.dispose()


class OnPostgres:
    """Databases of one cluster."""

    kind = "Postgres"

    def __init__(self, folder: Path) -> None:
        self.cluster = Cluster()
        self._pristine = sa.make_url(self.cluster.server.database("pristine"))
        migrate(self._pristine.render_as_string(hide_password=False), folder)

    @contextmanager
    def database(self, name: str) -> Iterator[Database]:
        """A new one, which is not kept."""
        self._run(f'CREATE DATABASE "{name}" TEMPLATE "{self._pristine.database}" OWNER "{ROLE}"')
        engine = self.cluster.engine(name)
        yield Database(self._pristine.set(database=name).render_as_string(hide_password=False), engine)
        engine.dispose()
        self._run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def close(self) -> None:
        """End the cluster."""
        self.cluster.close()

    def _run(self, statement: str) -> None:
        engine = sa.create_engine(self.cluster.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            connection.exec_driver_sql(statement)


class Stage:
    """One round's. `place` is where its database stands."""

    def __init__(self, place: OnSqlite | OnPostgres, database: Database, folder: Path) -> None:
        self.place, self.database, self._folder = place, database, folder
        self.accounts = [self._account(name) for name in ("ann", "bob")]
        self.given = {id for account in self.accounts for id in account.invoice_ids}
        self.server = Server(database.url, folder, WORKERS)

    @property
    def cluster(self) -> Cluster:
        """The Postgres of the database."""
        assert isinstance(self.place, OnPostgres)
        return self.place.cluster

    def serve_again(self) -> None:
        """Start the server anew where it was."""
        self.server = Server(self.database.url, self._folder, WORKERS, self.server.port)

    def _account(self, name: str) -> Account:
        user_id = make_user(self.database, name)
        client_id = make_client(self.database, user_id)
        invoices = [make_billed_invoice(self.database, user_id, client_id)]
        invoices += [make_invoice(self.database, user_id, client_id=client_id) for _ in range(2)]
        return Account(user_id, token_of(name), client_id, invoices)


@contextmanager
def stage(place: OnSqlite | OnPostgres, folder: Path, name: str) -> Iterator[Stage]:
    """A stage for as long as a round takes."""
    with place.database(name) as database:
        made = Stage(place, database, folder)
        try:
            yield made
        finally:
            made.server.stop()
