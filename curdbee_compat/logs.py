"""One line for each request, with secrets masked."""

import logging
import os
import re
import time
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Flask, Response

from curdbee_compat import current

log = logging.getLogger("curdbee_compat.requests")
SECRET = re.compile("token|password", re.IGNORECASE)
QUERY = re.compile(r"\?\S+")


class Lines(logging.Formatter):
    """Lines of time, level and message. The time is written out once a second."""

    _second = -1, ""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        """As `logging` has it: in the zone of this machine, to the millisecond."""
        second, text = self._second
        if second != int(record.created):
            second, text = self._second = int(record.created), super().formatTime(record, self.default_time_format)
        return f"{text},{int(record.msecs):03}"


def configure() -> None:
    """Log to standard error, unless whoever runs us has set up logging already."""
    if not logging.getLogger().handlers:
        # What the line does not say need not be found out for every line.
        logging.logThreads = logging.logMultiprocessing = False  # gunicorn's own lines have the process
        handler = logging.StreamHandler()
        handler.setFormatter(Lines())
        logging.basicConfig(handlers=[handler], level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    # Here, since it then holds for gunicorn's own command, too: of an exception that nobody caught it quotes the URL.
    logging.getLogger("gunicorn.error").addFilter(without_queries)


def init_app(app: Flask) -> None:
    """Name every request, and write its line when it is answered."""
    app.before_request(_begin)
    app.after_request(_line)


def masked(arguments: Iterable[tuple[str, str]]) -> str:
    """A query string without the token that old clients put there."""
    return urlencode([(name, "***" if SECRET.search(name) else value) for name, value in arguments], safe="*[]")


def without_queries(record: logging.LogRecord) -> bool:
    """Mask every query that the record quotes. True: it is written."""
    record.msg, record.args = QUERY.sub("?***", record.getMessage()), None
    return True


def _begin() -> None:
    here = current.g()
    here.request_id, here.began = os.urandom(16).hex(), time.perf_counter()


def _line(response: Response) -> Response:
    if not log.isEnabledFor(logging.INFO):
        return response
    asked, here = current.request(), current.g()
    took, user = (time.perf_counter() - here.began) * 1000, here.get("user")
    target = f"{asked.path}?{masked(asked.args.items(multi=True))}" if asked.query_string else asked.path
    message = (
        f"{asked.method} {target!r} {response.status_code} {took:.1f}ms"
        f" user={user.id if user else '-'} {asked.remote_addr} [{here.request_id}]"
    )
    # A record made here, since log.info would look for the line of code that it was called from.
    log.handle(logging.LogRecord(log.name, logging.INFO, __file__, 0, message, None, None))
    return response
