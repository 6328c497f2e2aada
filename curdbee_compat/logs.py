"""One line for each request, with secrets masked."""

import logging
import re
import time
import uuid

from flask import Flask, Response, g, request

log = logging.getLogger("curdbee_compat.requests")
SECRET = re.compile(r"((?:api_?token|password)[^=&]*=)[^&]*", re.IGNORECASE)


def configure() -> None:
    """Log to standard error, unless whoever runs us has set up logging already."""
    if not logging.getLogger().handlers:
        logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s", level=logging.INFO)


def init_app(app: Flask) -> None:
    """Name every request, and write its line when it is answered."""
    app.before_request(_begin)
    app.after_request(_line)


def masked(query: str) -> str:
    """A query string without the token that old clients put there."""
    return SECRET.sub(r"\1***", query)


def _begin() -> None:
    g.request_id, g.began = uuid.uuid4().hex, time.perf_counter()


def _line(response: Response) -> Response:
    query = request.query_string.decode("latin-1")
    target = f"{request.path}?{masked(query)}" if query else request.path
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
