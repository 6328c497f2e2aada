"""`curdbee-compat bill`: make the invoices that recurring profiles owe."""

import datetime

import click

from curdbee_compat import billing
from curdbee_compat.cli.contexts import current_database
from curdbee_compat.models.base import today
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.money import formatted

MANY = 100  # profiles after which it says how far it is


@click.command()
@click.option(
    "--date",
    "day",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Bill as on this day instead of today (UTC). Days missed before are caught up in order.",
)
def bill(day: datetime.datetime | None) -> None:
    """Make every invoice that is due, exactly once however often this runs, and deliver those that are not drafts.

    Meant for cron or a timer, once a day."""
    with current_database():
        until = day.date() if day else today()
        profiles, made = billing.due_profiles(until), 0
        for done, (user_id, profile_id) in enumerate(profiles, 1):
            for invoice, undelivered in billing.bill(user_id, profile_id, until):
                click.echo(line(invoice, undelivered))
                made += 1
            if done % MANY == 0:
                click.echo(f"{done} of {len(profiles)} profiles", err=True)
        click.echo("1 invoice made." if made == 1 else f"{made} invoices made.")


def line(invoice: Invoice, undelivered: str | None) -> str:
    """What was made, for whom, and what became of it."""
    total = formatted(invoice.total_cents, invoice.currency_symbol)
    outcome = f"not delivered: {undelivered}" if undelivered else invoice.state
    return f"{invoice.date} {invoice.invoice_no} {invoice.client.name} {total} ({outcome})"
