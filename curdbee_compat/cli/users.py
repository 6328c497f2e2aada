"""`curdbee-compat user`: make and change the users who log in."""

import sys
from collections.abc import Callable
from typing import Any

import click

from curdbee_compat import users
from curdbee_compat.cli.contexts import current_database, writing
from curdbee_compat.models.user import new_token


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


@click.group("user")
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
