"""How often an address may guess wrong, whoever of the workers hears it. Counted in the database, or in Redis."""

from typing import Protocol

from flask import Flask, current_app, request
from werkzeug.exceptions import TooManyRequests

from curdbee_compat.config import ConfigError
from curdbee_compat.models.user import token_digest
from curdbee_compat.throttle.in_database import InDatabase

MISSING = "CURDBEE_REDIS_URL needs more packages; run: pip install 'curdbee-compat[redis]'"


class Count(Protocol):
    """Failed logins of the last `limits.WINDOW` seconds. Names come as digests."""

    def wait(self, address: str, name: str) -> float:
        """Seconds until this address may guess at this name again; 0 for now."""

    def add(self, address: str, name: str) -> None:
        """One more failure of this address at this name."""

    def check(self) -> None:
        """ConfigError, if it cannot count now. Leaves no connection open."""


def init_app(app: Flask) -> None:
    """Choose where to count. ConfigError where that cannot be."""
    app.extensions["throttle"] = counting(app.config["CURDBEE_REDIS_URL"])


def counting(redis_url: str) -> Count:
    """What counts there; the database, if there is no URL. ConfigError for one that cannot be used."""
    if not redis_url:
        return InDatabase()
    try:
        from curdbee_compat.throttle.in_redis import InRedis  # its packages are there only for whoever wants them
    except ModuleNotFoundError:
        raise ConfigError(MISSING) from None
    return InRedis(redis_url, instead=InDatabase())


def check() -> None:
    """ConfigError, if what counts cannot be reached."""
    current_app.extensions["throttle"].check()


def refuse_if_exceeded(login: str) -> None:
    """429 after too many failures."""
    wait = current_app.extensions["throttle"].wait(str(request.remote_addr), token_digest(login))
    if wait > 0:
        raise TooManyRequests(retry_after=max(1, int(wait)))


def count_failure(login: str) -> None:
    """Count a wrong guess."""
    current_app.extensions["throttle"].add(str(request.remote_addr), token_digest(login))
