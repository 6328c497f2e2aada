"""Whether the database answers, its schema is the one this release needs, and row-level security binds its role."""

from functools import cache
from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from curdbee_compat.config import masked
from curdbee_compat.extensions import db, sent_again

MIGRATIONS = Path(__file__).parent / "migrations"
UNBOUND = "SELECT rolname FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolbypassrls)"


def problem() -> str | None:
    """None when all is well, else one line for whoever runs the server: what is wrong and what to do."""
    try:
        return difference()
    except SQLAlchemyError as error:
        return f"cannot reach the database {masked(db.engine.url)}: {first_line(error)}"


def difference() -> str | None:
    """How the schema differs from the one that is needed. It names no host and no user, so anybody may read it.

    SQLAlchemyError where the database cannot be reached."""
    present = sent_again(revision)
    if present == newest():
        return None
    if present is None:
        return "the database has no schema yet; run: curdbee-compat db upgrade"
    return f"the database's schema is at {present}, this release needs {newest()}; run: curdbee-compat db upgrade"


def revision() -> str | None:
    """The revision that the database says it has; None for one without a schema."""
    with db.engine.connect() as connection:
        return revision_of(connection)


def revision_of(connection: Connection) -> str | None:
    """The same of any database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.scalar(text("SELECT version_num FROM alembic_version"))


def warning() -> str | None:
    """None where row-level security binds us, or there is none; else one line that says what is wrong."""
    if db.engine.dialect.name == "sqlite":
        return None
    with db.engine.connect() as connection:
        role = connection.scalar(text(UNBOUND))
    if role is None:
        return None
    return f"row-level security does not bind the database role {role}, a superuser or BYPASSRLS; use an ordinary role"


@cache
def newest() -> str:
    """The revision that this release needs."""
    return max(revisions())


@cache
def revisions() -> frozenset[str]:
    """All that this release knows. They are numbers, with which the names of their files begin."""
    return frozenset(script.name.partition("_")[0] for script in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def first_line(error: Exception) -> str:
    """The driver's own words, on one line."""
    cause = getattr(error, "orig", None) or error
    return str(cause).strip().splitlines()[0]
