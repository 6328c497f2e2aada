"""How failures read: as CurdBee worded them for the public API, as ActiveAdmin does for the admin API."""

import logging
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from typing import Any

from flask import Blueprint, Flask, Response, g
from marshmallow import ValidationError
from sqlalchemy.exc import DatabaseError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import Conflict, HTTPException

from curdbee_compat import wire
from curdbee_compat.messages import Answered

log = logging.getLogger(__name__)
RETRY_AFTER = "1"  # seconds
# What Postgres calls by other names than an operational error, and is none of ours either: a server that only reads, a
# transaction that was ended for its age, a table or column that the schema does not have yet, a fault of its own.
AT_FAULT = ("25006", "25P03", "25P04", "42P01", "42703", "XX")


def register(app: Flask) -> None:
    """Failures that look the same everywhere, also where no blueprint was reached."""
    app.register_error_handler(Answered, lambda answered: answered.answer)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(IntegrityError, conflicting)
    app.register_error_handler(PoolTimeout, unavailable)
    app.register_error_handler(DBAPIError, failed)
    app.register_error_handler(Exception, crashed)


def register_public(blueprint: Blueprint) -> None:
    """400 and 422 as pairs, which the old clients join or print."""
    blueprint.register_error_handler(ValidationError, invalid)
    blueprint.register_error_handler(wire.BadBody, malformed)


def register_admin(blueprint: Blueprint) -> None:
    """422 as a hash of messages; 400 is Rails' plain one."""
    blueprint.register_error_handler(ValidationError, invalid_for_admin)


def refused(error: HTTPException) -> Response:
    """Any 4xx of HTTP itself, with the headers that belong to it (Allow, WWW-Authenticate, Retry-After)."""
    status = error.code or 500
    response = wire.write_status({"status": status, "error": HTTPStatus(status).phrase}, status)
    for name, value in error.get_headers():
        if name != "Content-Type":
            response.headers[name] = value
    return response


def conflicting(error: IntegrityError) -> Response:
    """409: another request came first, and only the database could tell."""
    return refused(Conflict())


def failed(error: DBAPIError) -> Response:
    """503 where the database is at fault, 500 where we are."""
    return unavailable(error) if is_at_fault(error) else crashed(error)


def is_at_fault(error: DBAPIError) -> bool:
    """Whether the database could not do what it was asked: a fault that may pass without a change of ours."""
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        return type(error) is DatabaseError  # SQLite's for a file that is damaged, or no database
    return state.startswith(AT_FAULT)


def unavailable(error: Exception) -> Response:
    """The database is locked, gone, full, or chose this transaction to break a deadlock: the client may try again.

    Full too: 507 is WebDAV's, and clients of the time know of no Retry-After with it."""
    log.error("503 database: %s [%s]", str(error).splitlines()[0], g.get("request_id"))
    response = wire.write_status({"status": 503, "error": HTTPStatus(503).phrase}, 503)
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def crashed(error: Exception) -> Response:
    """A fault of ours. The answer names the request, the log has the traceback beside the same name."""
    request_id = g.get("request_id")
    log.error("500 [%s]", request_id, exc_info=error)
    value = {"status": 500, "error": HTTPStatus(500).phrase, "request_id": request_id}
    return wire.write_status(value, 500)


def invalid(error: ValidationError) -> Response:
    """422: `[["amount","is not a number"]]`, or `<errors><error>Amount is not a number</error></errors>`."""
    found = pairs(error.normalized_messages())
    return wire.write_errors(found, [sentence(*pair) for pair in found], 422)


def malformed(error: wire.BadBody) -> Response:
    """400 in the same shape, which CurdBee's PHP class prints."""
    return wire.write_errors([["base", error.description]], [str(error.description)], 400)


def invalid_for_admin(error: ValidationError) -> Response:
    """422: `{"errors":{"amount_cents":["is not a number"]}}`; XML as in the public API."""
    messages = error.normalized_messages()
    found = pairs(messages.get("errors", messages))
    hashed: dict[str, list[str]] = {}
    for name, message in found:
        hashed.setdefault(name, []).append(message)
    document = {**messages, "errors": hashed} if "errors" in messages else {"errors": hashed}
    return wire.write_errors(document, [sentence(*pair) for pair in found], 422)


def pairs(messages: Mapping[Any, Any], prefix: str = "") -> list[list[str]]:
    """Nested messages as `[attribute, message]`, each once. A line's are called `line_items_price`, as Rails did."""
    return [list(pair) for pair in dict.fromkeys(_flat(messages, prefix))]


def _flat(messages: Mapping[Any, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in messages.items():
        name = (
            prefix if isinstance(key, int) else "_".join(filter(None, [prefix, str(key).removesuffix("_attributes")]))
        )
        if isinstance(value, Mapping):
            yield from _flat(value, name)
        else:
            yield from ((name, message) for message in value)


def sentence(attribute: str, message: str) -> str:
    """Rails' full message: ("client_id", "can't be blank") is "Client can't be blank"."""
    return message if attribute == "base" else f"{humanized(attribute)} {message}"


def humanized(attribute: str) -> str:
    """Rails' `humanize`: an attribute's name as words."""
    words = attribute.removesuffix("_id").replace("_", " ").strip() if attribute != "id" else attribute
    return words[:1].upper() + words[1:]
