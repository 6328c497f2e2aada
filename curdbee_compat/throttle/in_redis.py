"""Failures in Redis, by the library `limits`; while Redis is away, the database counts instead."""

import logging
import time
from collections.abc import Callable
from typing import Any

from limits import RateLimitItemPerSecond
from limits.storage import RedisStorage
from limits.strategies import MovingWindowRateLimiter
from redis import ConnectionPool
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from curdbee_compat.config import ConfigError
from curdbee_compat.throttle.bounds import PER_ADDRESS, PER_NAME, WINDOW
from curdbee_compat.throttle.in_database import InDatabase

log = logging.getLogger(__name__)
PREFIX = "curdbee"
ONCE = Retry(NoBackoff(), 0)  # the library would ask for ten seconds; it sees by itself that a kept connection is dead
PATIENCE = 0.5  # seconds for each answer: whoever logs in waits for it, and others wait for him
PAUSE = 5  # seconds until a Redis that was away is asked again
NAMED = RateLimitItemPerSecond(PER_NAME, WINDOW, namespace="name")
ANY = RateLimitItemPerSecond(PER_ADDRESS, WINDOW, namespace="address")


class InRedis:
    """Counts in lists of times, one for each address and one for each name that it guesses at; they expire."""

    def __init__(self, url: str, instead: InDatabase) -> None:
        """`instead` counts while Redis does not answer. ConfigError for what is no URL of a Redis."""
        self._instead, self._away_until = instead, 0.0
        try:
            self._pool = ConnectionPool.from_url(
                url, retry=ONCE, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
            )
        except ValueError:
            raise ConfigError("CURDBEE_REDIS_URL is not the URL of a Redis; write redis://HOST:6379/0") from None
        self._storage = RedisStorage(url, self._pool, PREFIX)
        self._limiter = MovingWindowRateLimiter(self._storage)

    def wait(self, address: str, name: str) -> float:
        """Seconds until the oldest of the failures that fill a limit leaves the window; 0 where none is filled."""
        return self._asked(lambda: self._wait(address, name), lambda: self._instead.wait(address, name))

    def add(self, address: str, name: str) -> None:
        """Count it, unless the limit is filled anyway."""
        self._asked(lambda: self._add(address, name), lambda: self._instead.add(address, name))

    def check(self) -> None:
        """ConfigError, if Redis does not answer or refuses to be written to."""
        try:
            self._storage.incr("started", WINDOW)
        except RedisError as error:
            raise ConfigError(f"cannot count in the Redis of CURDBEE_REDIS_URL: {told(error)}") from None
        finally:
            self._pool.disconnect()

    def _wait(self, address: str, name: str) -> float:
        for item, *whose in ((ANY, address), (NAMED, address, name)):
            stats = self._limiter.get_window_stats(item, *whose)
            if stats.remaining <= 0:
                return stats.reset_time - time.time()
        return 0

    def _add(self, address: str, name: str) -> None:
        self._limiter.hit(ANY, address)
        self._limiter.hit(NAMED, address, name)

    def _asked(self, redis: Callable[[], Any], database: Callable[[], Any]) -> Any:
        if time.monotonic() < self._away_until:
            return database()
        try:
            return redis()
        except RedisError as error:
            self._away_until = time.monotonic() + PAUSE
            log.error("Redis: %s; failed logins are counted in the database for %d seconds", told(error), PAUSE)
            return database()


def told(error: RedisError) -> str:
    """What went wrong, on one line."""
    return str(error).strip().partition("\n")[0] or type(error).__name__
