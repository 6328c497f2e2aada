"""The app on one kind of database, made once a test process: in process, and on demand behind a real server."""

from functools import cached_property
from pathlib import Path

import pytest
from databases import Database
from flask import Flask
from served import Server

from curdbee_compat import create_app
from curdbee_compat.extensions import db

# For what has nothing to do with the database, or what only SQLite can be made to do.
ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


class Backend:
    """`database` and `app` are a test's own while it runs; `served_database` and `server` are shared by tests."""

    def __init__(self, database: Database, instance: Path) -> None:
        self.database = database
        self.app: Flask = create_app({"CURDBEE_DATABASE_URL": database.url, "CURDBEE_INSTANCE": str(instance)})
        self._instance = instance

    @cached_property
    def served_database(self) -> Database:
        """What `server` serves. It is never emptied: a test makes a user of its own there."""
        return self.database.sibling("served")

    @cached_property
    def server(self) -> Server:
        """`curdbee-compat serve` with two workers."""
        return Server(self.served_database.url, self._instance, workers=2)

    def let_go(self) -> None:
        """Close the app's connections."""
        with self.app.app_context():
            db.engine.dispose()

    def close(self) -> None:
        """End what was started."""
        if "server" in vars(self):
            self.server.stop()
        if "served_database" in vars(self):
            self.served_database.engine.dispose()
        self.let_go()
        self.database.engine.dispose()
