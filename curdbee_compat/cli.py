"""The curdbee-compat command: what it takes and what it prints. The work is done elsewhere."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import click
from alembic.util import CommandError
from flask import current_app
from flask_migrate import Migrate
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from curdbee_compat import config, create_app, demo, schema_state, server, users
from curdbee_compat.extensions import begin_write, db
from curdbee_compat.models.user import new_token
from curdbee_compat.release import RELEASE


class Commands(click.Group):
    """Commands that fail with one line on standard error and status 1, never with a traceback, for what is no bug."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (config.ConfigError, users.Refused) as error:
            message = str(error)
        except DBAPIError as error:
            message = f"database {masked(effective_url())}: {schema_state.first_line(error)}"
        except CommandError as error:  # for one, a schema that a newer release made
            message = f"cannot upgrade the database {masked(effective_url())}: {error}"
        except ModuleNotFoundError as error:
            if error.name != "psycopg":
                raise
            message = "PostgreSQL needs one more package; run: pip install 'curdbee-compat[postgres]'"
        raise click.ClickException(message)


@contextmanager
def application() -> Iterator[None]:
    """The context of the app; its connections are closed behind it."""
    app = create_app()
    with app.app_context():
        engine = db.engine
    try:
        with app.app_context():
            yield
    finally:
        engine.dispose()


@contextmanager
def current_database() -> Iterator[None]:
    """The context of the app on a database that this release can use."""
    with application():
        if problem := schema_state.problem():
            raise users.Refused(problem)
        yield


@contextmanager
def writing() -> Iterator[None]:
    """One transaction, committed unless something was refused."""
    with current_database():
        begin_write()
        yield
        db.session.commit()


def effective_url() -> URL:
    """The database that the settings come to."""
    present = config.values()
    instance = Path(present["CURDBEE_INSTANCE"]).expanduser().absolute()
    return config.database_url(present["CURDBEE_DATABASE_URL"], instance)


def masked(url: URL) -> str:
    """A database URL without its passwords; libpq takes them as arguments too."""
    secret = [name for name in url.query if "password" in name.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def standard_input() -> str:
    """All of it."""
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError:
        raise users.Refused("standard input is not UTF-8") from None


def without_line_end(text: str) -> str:
    """The text without the one line end that echo and editors put behind it; blanks may be meant."""
    return text[:-2] if text.endswith("\r\n") else text.removesuffix("\n")


def token_options(function: Callable[..., None]) -> Callable[..., None]:
    """The two ways to give a token that exists; `refuse_both` when both are used."""
    function = click.option(
        "--api-token-stdin", is_flag=True, help="Read the token from standard input, after the password if any."
    )(function)
    return click.option(
        "--api-token",
        metavar="TOKEN",
        help="Keep a token that an old client already sends. While this runs, every user of the machine can see it "
        "in the process list; --api-token-stdin hides it.",
    )(function)


def refuse_both(api_token: str | None, api_token_stdin: bool) -> None:
    """A usage error, if the token was to come from two places."""
    if api_token is not None and api_token_stdin:
        raise click.UsageError("give --api-token or --api-token-stdin, not both")


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
    with application():
        migrations: Migrate = current_app.extensions["migrate"].migrate
        alembic.command.upgrade(migrations.get_config(), "head")
        click.echo(f"The schema is current: {schema_state.newest(migrations.directory)}.")


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
    with current_database():
        server.refuse_demo_beyond_loopback(address)
    listener = server.listen(address)
    click.echo(f"Database: {masked(effective_url())}")
    click.echo(f"Listening on {server.url(listener)}")
    server.run(listener, workers)


@main.command("demo")
@click.option("--if-empty", is_flag=True, help="Where there are users, add nothing and report success.")
def fill_demo(if_empty: bool) -> None:
    """Fill an empty database with two users and invoices to try requests on."""
    with writing():
        if if_empty and users.any_there():
            click.echo("The database has users already; no demo data was added.")
            return
        demo.fill()
    click.echo(demo.HELP)


@main.group("user")
def user_group() -> None:
    """Make and change the users who log in. NAME is a user's name or email, in any case."""


@user_group.command("add")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@token_options
@click.option("--admin", is_flag=True, help="Let the user see everybody's data under /admin.")
@click.option("--email", help="A second name to log in with.")
@click.option("--currency", default="USD", show_default=True, help="What clients without a currency are billed in.")
def add_user(name: str, password_stdin: bool, api_token: str | None, api_token_stdin: bool, **attributes: Any) -> None:
    """Make a user, and show the API token, which is not kept and cannot be shown again."""
    refuse_both(api_token, api_token_stdin)
    password = standard_input()
    if api_token_stdin:
        line, end, rest = password.partition("\n")
        password, api_token = line + end, without_line_end(rest)
    token = new_token() if api_token is None else api_token
    with writing():
        users.add(name, without_line_end(password), token, **attributes)
    click.echo(f"Made the user {name}. API token, shown only now: {token}")


@user_group.command("list")
def list_users() -> None:
    """Show every user, with rights and currency."""
    with current_database():
        rows = [[str(value) for value in row] for row in map(shown_user, users.listed())]
    rows.insert(0, ["id", "name", "email", "admin", "disabled", "currency"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        click.echo("  ".join(map(str.ljust, row, widths)).rstrip())


def shown_user(row: Any) -> list[Any]:
    """The cells of one user."""
    flags = ["yes" if flag else "no" for flag in (row.admin, row.disabled)]
    return [row.id, row.name, row.email or "-", *flags, row.currency]


@user_group.command("password")
@click.argument("name")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def change_password(name: str, password_stdin: bool) -> None:
    """Give a user a new password. The old one stops working at once."""
    password = without_line_end(standard_input())
    with writing():
        users.set_password(name, password)
    click.echo(f"{name} has a new password.")


@user_group.command("token")
@click.argument("name")
@token_options
def change_token(name: str, api_token: str | None, api_token_stdin: bool) -> None:
    """Give a user a new API token, and show it. The old one stops working at once."""
    refuse_both(api_token, api_token_stdin)
    if api_token_stdin:
        api_token = without_line_end(standard_input())
    token = new_token() if api_token is None else api_token
    with writing():
        users.set_token(name, token)
    click.echo(f"API token of {name}, shown only now: {token}")


@user_group.command("disable")
@click.argument("name")
def disable_user(name: str) -> None:
    """Shut a user out from now on. The data stay."""
    with writing():
        users.set_disabled(name, True)
    click.echo(f"{name} can no longer log in.")


@user_group.command("enable")
@click.argument("name")
def enable_user(name: str) -> None:
    """Let a disabled user in again."""
    with writing():
        users.set_disabled(name, False)
    click.echo(f"{name} can log in.")


@main.command("config")
def show_config() -> None:
    """Show every setting, its value and its meaning, and the database that they come to. Secrets are masked."""
    present = config.values()
    for setting in config.SETTINGS:
        click.echo(f"{setting.name}={shown_setting(setting, present[setting.name])}\n    {setting.meaning}")
    click.echo(f"Database: {masked(effective_url())}")


def shown_setting(setting: config.Setting, value: str) -> str:
    """A setting's value as anybody may see it."""
    if value and setting.secret:
        return "***"
    if not value or setting.name != "CURDBEE_DATABASE_URL":
        return value
    try:
        return masked(make_url(value))
    except (ArgumentError, ValueError):
        return "***"


if __name__ == "__main__":
    main(prog_name="curdbee-compat")
