"""`curdbee-compat audit`: show the audit trail, and check that nobody has touched it."""

import csv
import datetime
import sys
from typing import Any

import click
import orjson

from curdbee_compat import audit_chain
from curdbee_compat.archive.transactions import snapshot
from curdbee_compat.cli.contexts import current_database
from curdbee_compat.models.audit_entry import AuditEntry
from curdbee_compat.users import Refused

COLUMNS = [column.name for column in AuditEntry.__table__.columns]


@click.group(invoke_without_command=True)
@click.option("--invoice", type=click.IntRange(1, 2**63 - 1), help="Only what happened to this invoice, by its id.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"]),
    metavar="DATE[THH:MM:SS]",
    help="From this moment on, UTC.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["json", "csv"]),
    default="csv",
    show_default=True,
    help="How entries are written.",
)
@click.pass_context
def audit(context: click.Context, invoice: int | None, since: datetime.datetime | None, form: str) -> None:
    """Show every change of data, oldest first: by whom, from where, what was before and after."""
    if context.invoked_subcommand:
        if invoice or since:
            raise click.UsageError(f"{context.invoked_subcommand} looks at everything and takes none of these options")
        return
    with current_database(), snapshot() as connection:
        found = audit_chain.entries(connection, invoice, since)
        if form == "csv":
            writer = csv.DictWriter(sys.stdout, COLUMNS, lineterminator="\n")
            writer.writeheader()
            writer.writerows(found)
            return
        lead = "["
        for entry in found:
            told = {**entry, **{name: parsed(entry[name]) for name in ("before", "after")}}
            click.echo(f"{lead}{orjson.dumps(told).decode()}", nl=False)
            lead = ",\n "
        click.echo("[]" if lead == "[" else "]")


def parsed(text: str | None) -> Any:
    """What stands before or after; as it is, where somebody made it no JSON."""
    try:
        return text and orjson.loads(text)
    except orjson.JSONDecodeError:
        return text


@audit.command()
def verify() -> None:
    """Check every user's chain of hashes. Status 1 where an entry was edited, removed, inserted or cut off.

    Who could rewrite the whole chain could rewrite its head as well: compare the heads with those in a backup."""
    with current_database(), snapshot() as connection:
        faults = list(audit_chain.faults(connection))
        for fault in faults:
            click.echo(fault)
        if faults:
            raise Refused(f"the audit trail was touched in {len(faults)} places")
        for head in audit_chain.heads(connection):
            click.echo(f"user {head.user_id}: {head.length} entries, head {head.hash}")
        click.echo("The audit trail is whole.")
