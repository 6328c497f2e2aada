"""`curdbee-compat backup` and `restore`: the whole database into a file, and back."""

import gzip
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa

from curdbee_compat import config, outbox
from curdbee_compat.archive import copying, lines
from curdbee_compat.archive.files import replacing
from curdbee_compat.archive.opening import opened
from curdbee_compat.archive.source import Advance, Contents, DatabaseSource, Unfit
from curdbee_compat.archive.transactions import snapshot
from curdbee_compat.cli.contexts import application
from curdbee_compat.models.base import now
from curdbee_compat.users import Refused

SQLITE_ENDINGS = {".db", ".sqlite", ".sqlite3"}
NO_COPY = "{} would be a copy of a SQLite database; for Postgres, choose a name that ends in .jsonl.gz"
TOUCHED = "As they were before: audit trails with {} faults; to see them: curdbee-compat audit verify"
UNSETTLED = "As they were before: {} invoices have as paid another sum than that of their payments."
WAITING = "Mails that were not sent when it was made: {}; to see them: curdbee-compat outbox list"


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="Replace FILE where it is there already.")
def backup(file: Path, force: bool) -> None:
    """Write the whole database into FILE, as it is at one moment; the server may go on writing.

    FILE gets lines of JSON, which either kind of database takes back, compressed if its name ends in .gz. If that ends
    in .db, .sqlite or .sqlite3, FILE is a SQLite database, copied by SQLite itself."""
    database = config.masked(config.effective_url())
    with application(), fitting(f"the database {database}"), snapshot() as connection:
        source = DatabaseSource(connection, now())
        with replacing(file, force) as fresh:
            if file.suffix in SQLITE_ENDINGS:
                copy(connection, file, fresh)
            else:
                write(source, fresh, compressed=file.suffix == ".gz")
    tell(source.contents, f"Backed up to {file}")


def write(source: DatabaseSource, fresh: Path, compressed: bool) -> None:
    """As lines of JSON."""
    with (
        gzip.open(fresh, "wb") if compressed else open(fresh, "wb") as file,
        progress("Writing", source.contents.total) as advance,
    ):
        lines.write(source, file, advance)


def copy(connection: sa.Connection, file: Path, fresh: Path) -> None:
    """As a SQLite database."""
    if connection.dialect.name != "sqlite":
        raise Refused(NO_COPY.format(file))
    with progress("Copying", copying.pages(connection)) as advance:
        copying.copy(connection, fresh, advance)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def restore(file: Path) -> None:
    """Load FILE, a backup of either kind of database, into an empty one, and check that all of it arrived.

    The schema is made, or brought to the newest, on the way. If anything is wrong, the database stays empty."""
    from curdbee_compat.archive import restoring  # Alembic, which takes a fifth of a second to import

    with application(), fitting(str(file)), opened(file) as source:
        restoring.refuse_full()  # before a large file is read
        with progress("Checking", source.contents.total) as advance:
            source.verify(advance)
        with progress("Loading", source.contents.total) as advance:
            restoring.restore(source, advance)
        tell(source.contents, f"Restored the backup of {source.contents.created_at}")
        click.echo(
            "Checked: the rows of every table, the sums of all amounts, what each invoice has as paid, the audit trail."
        )
        if mails := outbox.waiting():
            click.echo(WAITING.format(mails))


def tell(contents: Contents, done: str) -> None:
    """What was moved, with a warning where the books were wrong before."""
    tables = len(contents.figures["rows"])
    click.echo(f"{done}: {contents.total} rows of {tables} tables, schema {contents.schema}.")
    for user, head in contents.figures.get("audit_heads", {}).items():
        click.echo(f"Audit trail of {user}: {str(head).replace(' ', ' entries, head ')}")
    if faults := contents.figures.get("audit_faults", {}).get("trails"):
        click.echo(TOUCHED.format(faults), err=True)
    if wrong := contents.figures["unsettled"]["invoices"]:
        click.echo(UNSETTLED.format(wrong), err=True)


@contextmanager
def fitting(name: str) -> Iterator[None]:
    """Refused by this name, where a source is not fit."""
    try:
        yield
    except Unfit as error:
        raise Refused(f"{name} {error}") from None


@contextmanager
def progress(label: str, length: int) -> Iterator[Advance]:
    """A bar, on a terminal."""
    with click.progressbar(length=length, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield bar.update
