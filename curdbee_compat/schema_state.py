"""Whether the database answers and its schema is the one this release needs."""

from functools import cache

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from sqlalchemy.exc import SQLAlchemyError

from curdbee_compat.config import masked
from curdbee_compat.extensions import db


def problem() -> str | None:
    """None when all is well, else one line that says what is wrong and what to do."""
    try:
        with db.engine.connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError as error:
        return f"cannot reach the database {masked(db.engine.url)}: {first_line(error)}"
    needed = newest(f"{current_app.root_path}/migrations")
    if present == needed:
        return None
    if present is None:
        return "the database has no schema yet; run: curdbee-compat db upgrade"
    return f"the database's schema is at {present}, this release needs {needed}; run: curdbee-compat db upgrade"


@cache
def newest(directory: str) -> str | None:
    """The last revision of the migrations in a folder."""
    config = Config()
    config.set_main_option("script_location", directory.replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head()


def first_line(error: SQLAlchemyError) -> str:
    """The driver's own words, on one line."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]
