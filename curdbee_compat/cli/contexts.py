"""What every command runs in: an application, a database that is current, one transaction; failures in one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from flask import Flask
from sqlalchemy.exc import DBAPIError

from curdbee_compat import config, create_app, schema_state, tenancy, users
from curdbee_compat.extensions import begin_write, commit, db


class Commands(click.Group):
    """Commands that fail with one line on standard error and status 1, never with a traceback, for what is no bug."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (config.ConfigError, users.Refused) as error:
            message = str(error)
        except DBAPIError as error:
            message = f"database {config.masked(config.effective_url())}: {schema_state.first_line(error)}"
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
            message = "PostgreSQL needs one more package; run: pip install 'curdbee-compat[postgres]'"
        raise click.ClickException(message)


@contextmanager
def application() -> Iterator[Flask]:
    """The context of the app; its connections are closed behind it."""
    app = create_app()
    with app.app_context():
        engine = db.engine
    try:
        with tenancy.command(app):
            yield app
    finally:
        engine.dispose()


@contextmanager
def current_database() -> Iterator[Flask]:
    """The context of the app on a database that this release can use."""
    with application() as app:
        if problem := schema_state.problem():
            raise users.Refused(problem)
        yield app


@contextmanager
def writing() -> Iterator[None]:
    """One transaction, committed unless something was refused."""
    with current_database():
        begin_write()
        yield
        commit()
