"""One line for each request, with secrets masked."""

import logging
import re
import time
import uuid
from collections.abc import Iterable
from urllib.parse import urlencode

from flask import Flask, Response, g, request

log = logging.getLogger("curdbee_compat.requests")
SECRET = re.compile("token|password", re.IGNORECASE)


def configure() -> None:
    """Log to standard error, unless whoever runs us has set up logging already."""
    if not logging.getLogger().handlers:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def init_app(app: Flask) -> None:
    """Name every request, and write its line when it is answered."""
    app.before_request(_begin)
    app.after_request(_line)


def masked(arguments: Iterable[tuple[str, str]]) -> str:
    """A query string without the token that old clients put there."""
    return urlencode([(name, "***" if SECRET.search(name) else value) for name, value in arguments], safe="*[]")


def _begin() -> None:
    g.request_id, g.began = uuid.uuid4().hex, time.perf_counter()


def _line(response: Response) -> Response:
    target = f"{request.path}?{masked(request.args.items(multi=True))}" if request.args else request.path
    took = (time.perf_counter() - g.began) * 1000
    user = g.get("user")
    log.info(
        "%s %r %d %.1fms user=%s %s [%s]",
        request.method,
        target,
        response.status_code,
        took,
        user.id if user else "-",
        request.remote_addr,
        g.request_id,
    )
    return response
