"""`curdbee-compat outbox`: send what is queued, and look at it."""

import click
from flask import current_app

from curdbee_compat import outbox
from curdbee_compat.cli.contexts import current_database
from curdbee_compat.users import Refused

NO_SERVER = "no mail server is set, so nothing leaves: set CURDBEE_MAIL_SERVER and CURDBEE_MAIL_FROM"


@click.group("outbox")
def outbox_group() -> None:
    """Mails that were promised by delivering statements."""


@outbox_group.command()
def send() -> None:
    """Send what is due now; safe to run twice, also at once. What fails for now is tried again, less and less often.

    Meant for a timer, every minute or so, where `serve` does not send by itself."""
    with current_database():
        server = current_app.config["MAIL_SERVER"]
        if server is None:
            raise Refused(NO_SERVER)
        result = outbox.send_due(server)
        click.echo(f"{result.sent} sent, {result.postponed} to be tried again, {result.failed} failed.")
        if result.problem:
            raise Refused(result.problem)


@outbox_group.command("list")
def list_mails() -> None:
    """Show every mail in a line: number, when, state, attempts, to whom, subject, and what went wrong."""
    with current_database():
        for mail in outbox.listed():
            told = f"  [{mail.last_error}]" if mail.last_error else ""
            to = ", ".join(mail.recipients)
            click.echo(f"{mail.id}  {mail.created_at}  {mail.state}  {mail.attempts}x  {to}  {mail.subject}{told}")
        if current_app.config["MAIL_SERVER"] is None:
            click.echo(NO_SERVER, err=True)


@outbox_group.command()
@click.argument("number", type=click.IntRange(1, 2**63 - 1))
def show(number: int) -> None:
    """Show one mail whole, as text."""
    with current_database():
        found = outbox.shown(number)
        if found is None:
            raise Refused(f"there is no mail {number}; to see all: curdbee-compat outbox list")
        click.echo(found)
