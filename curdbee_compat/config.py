"""Every setting: its default and what it means. Values come from CURDBEE_* environment variables and nowhere else."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

DRIVERS = {"sqlite": "sqlite", "postgresql": "postgresql+psycopg", "postgres": "postgresql+psycopg"}


class ConfigError(ValueError):
    """A setting that cannot be used; the text says which and what to do."""


@dataclass(frozen=True)
class Setting:
    """One environment variable. A secret one is never shown."""

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
    ),
    Setting(
        "CURDBEE_SECRET_KEY",
        "",
        "key of digests kept in memory; unset: made once, in the instance folder",
        secret=True,
    ),
    Setting("CURDBEE_TRUSTED_PROXIES", "0", "how many proxies in front have their X-Forwarded headers believed"),
    Setting("CURDBEE_MAX_CONTENT_LENGTH", str(4 * 1024 * 1024), "largest request body in bytes; past it 413"),
)


def default_instance() -> Path:
    """`instance/` of a checkout, else a folder of the user's data directory."""
    top = Path(__file__).resolve().parent.parent
    return top / "instance" if (top / "setup.cfg").is_file() else user_data_path("curdbee-compat")


def values(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Every setting's present text; an empty variable counts as unset."""
    present = {setting.name: environ.get(setting.name) or setting.default for setting in SETTINGS}
    present["CURDBEE_INSTANCE"] = present["CURDBEE_INSTANCE"] or str(default_instance())
    return present


def load(overrides: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Flask's configuration from the environment, `overrides` on top. ConfigError for a value that cannot be used."""
    present = values({**os.environ, **(overrides or {})})
    instance = Path(present["CURDBEE_INSTANCE"]).expanduser().absolute()
    limit = whole_number(present, "CURDBEE_MAX_CONTENT_LENGTH")
    if not (present["CURDBEE_SECRET_KEY"] and present["CURDBEE_DATABASE_URL"]):
        make_folder(instance)
    return {
        **present,
        "SECRET_KEY": present["CURDBEE_SECRET_KEY"] or generated_secret(instance),
        "SQLALCHEMY_DATABASE_URI": database_url(present["CURDBEE_DATABASE_URL"], instance),
        "SQLALCHEMY_ENGINE_OPTIONS": {"hide_parameters": True},
        "TRUSTED_PROXIES": whole_number(present, "CURDBEE_TRUSTED_PROXIES"),
        "MAX_CONTENT_LENGTH": limit,
        "MAX_FORM_MEMORY_SIZE": limit,
    }


def whole_number(present: Mapping[str, str], name: str) -> int:
    """The setting as a number of zero or more."""
    if not (present[name].isascii() and present[name].isdigit()):
        raise ConfigError(f"{name} must be a whole number, not {present[name]!r}")
    return int(present[name])


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
        instance.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unusable(instance, error) from None


def unusable(instance: Path, error: OSError) -> ConfigError:
    """What to tell about a folder that cannot be written."""
    return ConfigError(
        f"cannot write to {instance} ({error.strerror}); set CURDBEE_INSTANCE to a folder that can be written"
    )
