"""Flask-Migrate on the application. No worker imports it: Alembic takes 9 MB and a fifth of a second to load."""

import alembic.command
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
    init_app(app)
    try:
        alembic.command.upgrade(migrate.get_config(), "head")
    except CommandError as error:
        raise Impossible(str(error)) from error
