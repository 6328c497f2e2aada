"""Flask-Migrate on the application. No worker imports it: Alembic takes 9 MB and a fifth of a second to load."""

from collections.abc import Callable

import alembic.command
from alembic.config import Config
from alembic.util import CommandError
from flask import Flask
from flask_migrate import Migrate

from curdbee_compat import schema_state
from curdbee_compat.extensions import db

migrate = Migrate(render_as_batch=True)


class Impossible(Exception):
    """A database that these migrations do not lead on from: for one, a newer release made its schema."""


def init_app(app: Flask) -> None:
    """Give the application its migrations."""
    migrate.init_app(app, db, directory=str(schema_state.MIGRATIONS))


def upgrade(app: Flask) -> None:
    """Bring the database to the newest revision. May raise Impossible."""
    _run(app, alembic.command.upgrade, "head")


def move(app: Flask, revision: str) -> None:
    """Bring a database without data to a revision, forward or back. May raise Impossible."""
    present = schema_state.revision()
    forward = present is None or present <= revision
    _run(app, alembic.command.upgrade if forward else alembic.command.downgrade, revision)


def _run(app: Flask, command: Callable[[Config, str], None], revision: str) -> None:
    init_app(app)
    try:
        command(migrate.get_config(), revision)
    except CommandError as error:
        raise Impossible(str(error)) from error
