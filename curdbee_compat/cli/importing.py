"""`curdbee-compat import`: what people have left of an account of the old service."""

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from curdbee_compat import importing, sequences, users
from curdbee_compat.cli.contexts import current_database
from curdbee_compat.extensions import begin_write, commit, rollback
from curdbee_compat.importing.files import Found, answers
from curdbee_compat.importing.report import Report
from curdbee_compat.models.user import User


@click.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--user", "name", help="Whose the data become; not needed where there is one user only.")
@click.option(
    "--invoice",
    "invoice_id",
    type=click.IntRange(1, 2**53 - 1),
    help="The invoice of payments whose file does not tell it, as invoices/7/payments.json does.",
)
@click.option("--dry-run", is_flag=True, help="Do everything, report it, and take it back.")
def import_files(files: tuple[Path, ...], name: str | None, invoice_id: int | None, dry_run: bool) -> None:
    """Take saved answers of the old API, JSON or XML, lists or single records, in any order. A folder is all its files.

    Ids, keys of pages, numbers and times stay. What is there already stays as it is, so it is safe to run twice.
    Status 1 if a file could not be read; the others are taken all the same."""
    report = Report()
    with current_database():
        user = users.find(name) if name is not None else users.only()
        entries = importing.read(answers(files), invoice_id, report, followed)  # before the lock that others wait for
        begin_write()
        User.lock([user.id])
        importing.take(user, entries, report)
        if dry_run:
            rollback()
        else:
            sequences.catch_up()
            commit()
    for line in report.lines():
        click.echo(line)
    if dry_run:
        click.echo("This was a dry run: nothing was changed.")
    if report.unreadable:
        raise users.Refused(f"{len(report.unreadable)} of the files could not be read; the report names them")


def followed(found: Sequence[Found]) -> Iterator[Found]:
    """The records one by one, with a bar on a terminal."""
    with click.progressbar(found, label="Reading", file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar
