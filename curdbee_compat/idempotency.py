"""A POST that is sent again under the same Idempotency-Key gets the answer of the first, and does nothing more.

The key's row is the first that the transaction inserts, so a second request waits for the first on the database's own
terms; it is committed together with what the request did, or not at all."""

import datetime
import hashlib
from typing import Any

from flask import Response
from marshmallow import ValidationError
from sqlalchemy import DateTime, bindparam, delete, select, text, update
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import Conflict

from curdbee_compat import current, wire
from curdbee_compat.errors import RETRY_AFTER
from curdbee_compat.extensions import begin_write, commit, db
from curdbee_compat.messages import Answer, Answered
from curdbee_compat.models.base import now
from curdbee_compat.models.idempotency_key import IdempotencyKey

KEPT_FOR = datetime.timedelta(hours=24)
LONGEST = 255  # characters of a key
# The same words for SQLite and Postgres, for which SQLAlchemy has two constructs.
CLAIM = text(
    "INSERT INTO idempotency_keys (user_id, method, path_digest, key, body_digest, created_at)"
    " VALUES (:user_id, :method, :path_digest, :key, :body_digest, :created_at) ON CONFLICT DO NOTHING"
).bindparams(bindparam("created_at", type_=DateTime))


class Running(Conflict):
    """409: a request with this key has begun and has no answer yet."""

    def get_headers(self, *args: Any, **kwargs: Any) -> list[tuple[str, str]]:
        """With Retry-After."""
        return [*super().get_headers(*args, **kwargs), ("Retry-After", RETRY_AFTER)]


def begin() -> None:
    """Begin to write, by way of the request's key if it has one.

    422 where the key was used for another body, 409 while the first request is running; where that was answered, its
    answer ends this request."""
    asked = current.request()
    key = asked.environ.get("HTTP_IDEMPOTENCY_KEY") if asked.method == "POST" else None
    if key is None:
        begin_write()
        return
    if not 0 < len(key) <= LONGEST or not key.isprintable():
        raise wire.BadBody(f"Idempotency-Key must have 1 to {LONGEST} printable characters")
    scope = scope_of(key)
    try:
        begin_write()
        new = claim(scope)
    except OperationalError as error:
        if not waited_too_long(error):
            raise
        raise Running from None
    if not new:
        raise Answered(kept_answer(scope))
    current.g().idempotency = scope


def finish(response: Response) -> Response:
    """Commit what was done, and the answer with it where there is a key. For answers of success alone."""
    if scope := current.g().get("idempotency"):
        db.session.connection().execute(
            update(IdempotencyKey.__table__)
            .where(*matching(scope))
            .values(
                status=response.status_code,
                content_type=response.content_type,
                location=response.headers.get("Location"),
                body=response.get_data(as_text=True),
            )
        )
    commit()
    return response


def scope_of(key: str) -> dict[str, Any]:
    """Whose key it is, and for what: the path as it was sent, since another suffix asks for another answer."""
    asked = current.request()
    path = f"{asked.path}.{asked.environ.get('curdbee.suffix', '')}"
    return {
        "user_id": current.g().user.id,
        "method": asked.method,
        "path_digest": digest(path.encode("utf-8", "surrogatepass")),
        "key": key,
    }


def claim(scope: dict[str, Any]) -> bool:
    """Insert the key's row; False where it is there. Waits for whoever is inserting it."""
    connection = db.session.connection()
    mine = IdempotencyKey.user_id == scope["user_id"]
    connection.execute(delete(IdempotencyKey).where(mine, IdempotencyKey.created_at < now() - KEPT_FOR))
    values = {**scope, "body_digest": digest(current.request().get_data()), "created_at": now()}
    return bool(connection.execute(CLAIM, values).rowcount)


def kept_answer(scope: dict[str, Any]) -> Response:
    """The answer that the first request with this key got, byte for byte."""
    kept = db.session.execute(select(IdempotencyKey.__table__).where(*matching(scope))).one()
    if kept.body_digest != digest(current.request().get_data()):
        raise ValidationError({"base": ["Idempotency-Key was used for another body"]})
    headers = {"Content-Type": kept.content_type, "Cache-Control": "no-cache", "Location": kept.location}
    return Answer(kept.body.encode(), kept.status, [(name, value) for name, value in headers.items() if value])


def matching(scope: dict[str, Any]) -> list[Any]:
    """The row of this key."""
    return [getattr(IdempotencyKey, name) == value for name, value in scope.items()]


def digest(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def waited_too_long(error: OperationalError) -> bool:
    """Whether a lock was not had in time: SQLite's one for writing, or that of the key's row."""
    return getattr(error.orig, "sqlstate", None) == "55P03" or "database is locked" in str(error.orig)
