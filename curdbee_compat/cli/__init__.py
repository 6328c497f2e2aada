"""The curdbee-compat command: what it takes and what it prints. The work is done elsewhere."""

import os

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from curdbee_compat import config, demo, schema_state, server, throttle
from curdbee_compat import users as user_rules
from curdbee_compat.cli.archive import backup, restore
from curdbee_compat.cli.audit import audit
from curdbee_compat.cli.billing import bill
from curdbee_compat.cli.certs import certs
from curdbee_compat.cli.contexts import Commands, application, current_database, writing
from curdbee_compat.cli.importing import import_files
from curdbee_compat.cli.outbox import outbox_group
from curdbee_compat.cli.users import user_group
from curdbee_compat.release import RELEASE


@click.group(cls=Commands)
@click.version_option(RELEASE, prog_name="curdbee-compat")
def main() -> None:
    """A server for clients of the CurdBee API. Settings are CURDBEE_* environment variables: see `config`."""


@main.group("db")
def database() -> None:
    """Look after the database's schema."""


@database.command()
def upgrade() -> None:
    """Bring the schema to what this release needs. Makes the tables in an empty database; changes nothing twice."""
    from curdbee_compat import migrating  # Alembic, which takes a fifth of a second to import

    with application() as app:
        try:
            migrating.upgrade(app)
        except migrating.Impossible as error:
            name = config.masked(config.effective_url())
            raise user_rules.Refused(f"cannot upgrade the database {name}: {error}") from None
        click.echo(f"The schema is current: {schema_state.newest()}.")
        if warning := schema_state.warning():
            click.echo(f"Warning: {warning}", err=True)


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Name or address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="0: any free port.")
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=lambda: os.cpu_count() or 1,
    show_default="number of cores",
    help="How many processes answer requests.",
)
def serve(host: str, port: int, workers: int) -> None:
    """Answer requests until stopped by SIGTERM or Ctrl-C; requests that have begun are finished.

    Beyond this machine (--host 0.0.0.0) only if no demo password or token works."""
    address = server.resolved(host, port)
    with current_database() as app:
        server.refuse_demo_beyond_loopback(address)
        throttle.check()
    listener = server.listen(address)
    click.echo(f"Database: {config.masked(config.effective_url())}")
    click.echo(f"Listening on {server.url(listener)}")
    server.run(app, listener, workers)


@main.command("demo")
@click.option("--if-empty", is_flag=True, help="Where there are users, add nothing and report success.")
def fill_demo(if_empty: bool) -> None:
    """Fill an empty database with two users and invoices to try requests on."""
    with writing():
        if if_empty and user_rules.any_there():
            click.echo("The database has users already; no demo data was added.")
            return
        demo.fill()
    click.echo(demo.HELP)


@main.command("config")
def show_config() -> None:
    """Show every setting, its value and its meaning, and the database that they come to. Secrets are masked."""
    present = config.values()
    for setting in config.SETTINGS:
        click.echo(f"{setting.name}={shown_setting(setting, present[setting.name])}\n    {setting.meaning}")
    click.echo(f"Database: {config.masked(config.effective_url())}")


def shown_setting(setting: config.Setting, value: str) -> str:
    """A setting's value as anybody may see it."""
    if not (value and setting.secret):
        return value
    try:
        return config.masked(make_url(value)) if setting.name.endswith("_URL") else "***"
    except (ArgumentError, ValueError):
        return "***"


for command in (user_group, bill, outbox_group, certs, audit, backup, restore, import_files):
    main.add_command(command)
