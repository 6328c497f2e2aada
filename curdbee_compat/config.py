"""Every setting: its default and what it means. Values come from CURDBEE_* environment variables and nowhere else."""

import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from curdbee_compat import smtp, waits
from curdbee_compat.limits import USUAL, Limits

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}
DEEPEST = 200  # past that, Python's own limit of calls inside each other is near
LONGEST = 1_000_000  # digits
SWITCHES = {"true": True, "1": True, "false": False, "0": False}


class ConfigError(ValueError):
    """A setting that cannot be used; the text says which and what to do."""


class Secret(str):
    """A text that a traceback, a debugger or a printed configuration does not show."""

    def __repr__(self) -> str:
        return "'***'"


@dataclass(frozen=True)
class Setting:
    """One environment variable. A secret one is never shown; of a URL, what is no password."""

    name: str
    default: str
    meaning: str
    secret: bool = False


SETTINGS = (
    Setting("CURDBEE_INSTANCE", "", "folder of the SQLite file and the generated secret"),
    Setting(
        "CURDBEE_DATABASE_URL",
        "",
        "database, sqlite:///FILE or postgresql://…; unset: SQLite in the instance folder",
        secret=True,
    ),
    Setting(
        "CURDBEE_SECRET_KEY",
        "",
        "key of digests kept in memory; unset: made once, in the instance folder",
        secret=True,
    ),
    Setting(
        "CURDBEE_REDIS_URL",
        "",
        "Redis that counts failed logins, redis://…; unset: the database does",
        secret=True,
    ),
    Setting("CURDBEE_TRUSTED_PROXIES", "0", "how many proxies in front have their X-Forwarded headers believed"),
    Setting("CURDBEE_PUBLIC_URL", "", "address of this server in mails; unset: the one a request came to"),
    Setting("CURDBEE_MAIL_SERVER", "", "SMTP server that takes the mails; unset: they stay in the outbox"),
    Setting("CURDBEE_MAIL_PORT", "25", "its port; of a provider mostly 587"),
    Setting("CURDBEE_MAIL_USE_TLS", "false", "true: encrypt by STARTTLS, and check the server's certificate"),
    Setting("CURDBEE_MAIL_USERNAME", "", "name to log in to it with; unset: no login"),
    Setting("CURDBEE_MAIL_PASSWORD", "", "password of that name", secret=True),
    Setting(
        "CURDBEE_MAIL_FROM", "curdbee-compat@localhost.localdomain", "sender of all mails: address, or Name <address>"
    ),
    Setting("CURDBEE_MAX_CONTENT_LENGTH", str(4 * 1024 * 1024), "largest request body in bytes; past it 413"),
    Setting("CURDBEE_MAX_DEPTH", str(USUAL.depth), "how many values in a body may lie inside each other; past it 400"),
    Setting("CURDBEE_MAX_FIELDS", str(USUAL.fields), "how many names and array elements a body may have; past it 400"),
    Setting("CURDBEE_MAX_DIGITS", str(USUAL.digits), "how many digits a number in a body may have; past it 400"),
)


def default_instance() -> Path:
    """`instance/` of a checkout, else a folder of the user's data directory."""
    top = Path(__file__).resolve().parent.parent
    return top / "instance" if (top / "setup.cfg").is_file() else user_data_path("curdbee-compat")


def values(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Every setting's present text; an empty variable counts as unset."""
    present = {}
    for setting in SETTINGS:
        value = environ.get(setting.name) or setting.default
        present[setting.name] = Secret(value) if setting.secret else value
    present["CURDBEE_INSTANCE"] = present["CURDBEE_INSTANCE"] or str(default_instance())
    return present


def load(overrides: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask's configuration from the environment, `overrides` on top. ConfigError for a value that cannot be used."""
    present = values({**os.environ, **(overrides or {})})
    instance = instance_folder(present)
    limit, limits = whole_number(present, "CURDBEE_MAX_CONTENT_LENGTH"), body_limits(present)
    if not limit:
        raise ConfigError("CURDBEE_MAX_CONTENT_LENGTH must be 1 or more, not 0")
    if not (present["CURDBEE_SECRET_KEY"] and present["CURDBEE_DATABASE_URL"]):
        make_folder(instance)
    database = database_url(present["CURDBEE_DATABASE_URL"], instance)
    return {
        **present,
        # Not Flask's SECRET_KEY, which signs sessions: there are none.
        "DIGEST_KEY": Secret(present["CURDBEE_SECRET_KEY"] or generated_secret(instance)),
        "SQLALCHEMY_DATABASE_URI": database,
        "ONE_WRITER": database.get_backend_name() == "sqlite",  # who else wants to write waits for him
        # Last in, first out: a write takes the connection that its own login has just found alive.
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True, "pool_use_lifo": True, "pool_timeout": waits.POOL},
        "MAIL_SERVER": mail_server(present) if present["CURDBEE_MAIL_SERVER"] else None,
        "TRUSTED_PROXIES": whole_number(present, "CURDBEE_TRUSTED_PROXIES"),
        "MAX_CONTENT_LENGTH": limit,
        "MAX_FORM_MEMORY_SIZE": limit,
        "MAX_FORM_PARTS": limits.fields,
        "BODY_LIMITS": limits,
    }


def effective_url() -> URL:
    """The database that the settings come to."""
    present = values()
    return database_url(present["CURDBEE_DATABASE_URL"], instance_folder(present))


def instance_folder(present: Mapping[str, str]) -> Path:
    """The instance folder, whole."""
    return Path(present["CURDBEE_INSTANCE"]).expanduser().absolute()


def masked(url: URL) -> str:
    """A database URL without its passwords; libpq takes them as arguments too."""
    secret = [name for name in url.query if "password" in name.lower()]
    return url.difference_update_query(secret).render_as_string(hide_password=True)


def whole_number(present: Mapping[str, str], name: str) -> int:
    """The setting as a number of zero or more."""
    if not (present[name].isascii() and present[name].isdigit()):
        raise ConfigError(f"{name} must be a whole number, not {present[name]!r}")
    return int(present[name])


def body_limits(present: Mapping[str, str]) -> Limits:
    """What a body may hold."""
    depth, fields, digits = (whole_number(present, f"CURDBEE_MAX_{name}") for name in ("DEPTH", "FIELDS", "DIGITS"))
    if not 0 < depth <= DEEPEST:
        raise ConfigError(f"CURDBEE_MAX_DEPTH must be between 1 and {DEEPEST}, not {depth}")
    if not fields:
        raise ConfigError("CURDBEE_MAX_FIELDS must be 1 or more, not 0")
    if not 0 < digits <= LONGEST:
        raise ConfigError(f"CURDBEE_MAX_DIGITS must be between 1 and {LONGEST}, not {digits}")
    return Limits(depth, fields, digits)


def switch(present: Mapping[str, str], name: str) -> bool:
    """The setting as true or false; 1 and 0 will do."""
    text = present[name].lower()
    if text not in SWITCHES:
        raise ConfigError(f"{name} must be true or false, not {present[name]!r}")
    return SWITCHES[text]


def mail_server(present: Mapping[str, str]) -> smtp.Server:
    """Who takes the mails. ConfigError where he could not be reached, or where a password would go unencrypted."""
    host, sender = present["CURDBEE_MAIL_SERVER"], present["CURDBEE_MAIL_FROM"]
    port, starttls = whole_number(present, "CURDBEE_MAIL_PORT"), switch(present, "CURDBEE_MAIL_USE_TLS")
    login = present["CURDBEE_MAIL_USERNAME"], present["CURDBEE_MAIL_PASSWORD"]
    if not re.fullmatch(r"[A-Za-z0-9_.:-]+", host) or host.count(":") == 1:
        raise ConfigError(f"CURDBEE_MAIL_SERVER must be a name or an address without a port, not {host!r}")
    if not 0 < port < 65536:
        raise ConfigError(f"CURDBEE_MAIL_PORT must be between 1 and 65535, not {port}")
    if not smtp.is_sender(sender):
        raise ConfigError(f"CURDBEE_MAIL_FROM must be an address, or Name <address>, not {sender!r}")
    if bool(login[0]) != bool(login[1]):
        raise ConfigError("CURDBEE_MAIL_USERNAME and CURDBEE_MAIL_PASSWORD go together; one of them is unset")
    if not "".join(login).isascii():
        raise ConfigError(
            "CURDBEE_MAIL_USERNAME and CURDBEE_MAIL_PASSWORD must be ASCII; SMTP logs in with nothing else"
        )
    if login[0] and not starttls:
        raise ConfigError("CURDBEE_MAIL_PASSWORD would go over the network unencrypted; set CURDBEE_MAIL_USE_TLS=true")
    return smtp.Server(host, port, sender, *login, starttls)


def database_url(text: str, instance: Path) -> URL:
    """The database to use, with the driver that this package brings."""
    if not text:
        return URL.create("sqlite", database=str(instance / "curdbee.db"))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        raise ConfigError(
            "CURDBEE_DATABASE_URL is not a database URL; write postgresql://USER:PASSWORD@HOST/NAME"
        ) from None
    kind = url.get_backend_name()
    if kind not in DRIVERS:
        raise ConfigError(f"CURDBEE_DATABASE_URL: {kind} is not supported; use sqlite or postgresql")
    if kind == "sqlite":
        if not url.database or url.database == ":memory:":
            raise ConfigError(
                "CURDBEE_DATABASE_URL: SQLite in memory is lost with each process; name a file: sqlite:////FOLDER/FILE"
            )
        url = url.set(database=str(Path(url.database).absolute()))
    if isinstance(password := url.query.get("password"), str):  # where no log or traceback masks it
        url = url.difference_update_query(["password"]).set(password=password)
    return url.set(drivername=DRIVERS[kind])


def generated_secret(instance: Path) -> str:
    """The instance's own secret, made on first use and readable by its owner alone."""
    path = instance / "secret_key"
    try:
        if not path.exists():
            fresh = path.with_name(f"secret_key.{secrets.token_hex(4)}")
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(secrets.token_urlsafe(32))
            try:
                os.link(fresh, path)  # whichever process comes first wins; the others read its secret
            except FileExistsError:
                pass
            finally:
                fresh.unlink()
        return path.read_text()
    except OSError as error:
        raise unusable(instance, error) from None


def make_folder(instance: Path) -> None:
    """The instance folder, where something will be kept in it."""
    try:
        instance.mkdir(mode=0o700, parents=True, exist_ok=True)  # the books are in it
    except OSError as error:
        raise unusable(instance, error) from None


def unusable(instance: Path, error: OSError) -> ConfigError:
    """What to tell about a folder that cannot be written."""
    return ConfigError(
        f"cannot write to {instance} ({error.strerror}); set CURDBEE_INSTANCE to a folder that can be written"
    )
