"""Answers that are not made twice: ETags of what can change an answer, and the bodies they stand for, kept."""

from collections import OrderedDict
from collections.abc import Callable
from hashlib import blake2b
from threading import Lock

from flask import Response
from werkzeug.datastructures import ETags

from curdbee_compat import current, wire
from curdbee_compat.release import RELEASE

KEPT_BYTES = 2 * 1024 * 1024  # of bodies and what they take beside, in each worker
BESIDE = 200  # bytes for the ETag of a body and its place among the others
NONE = ETags()
REVALIDATE = "private, max-age=0, must-revalidate"


class Bodies:
    """Bodies by ETag, in at most `limit` bytes of memory; the one that was not asked for longest goes first."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._bodies: OrderedDict[str, bytes] = OrderedDict()
        self._lock = Lock()

    def get(self, etag: str) -> bytes | None:
        """The body, if it is still there."""
        with self._lock:
            body = self._bodies.get(etag)
            if body is not None:
                self._bodies.move_to_end(etag)
            return body

    def keep(self, etag: str, body: bytes) -> None:
        """Keep it, unless it alone would push most others out."""
        if BESIDE + len(body) > self._limit // 4:
            return
        with self._lock:
            if (old := self._bodies.pop(etag, None)) is not None:
                self._size -= BESIDE + len(old)
            self._bodies[etag] = body
            self._size += BESIDE + len(body)
            while self._size > self._limit:
                self._size -= BESIDE + len(self._bodies.popitem(last=False)[1])


kept = Bodies(KEPT_BYTES)


def revalidated(version: tuple[int, int] | None, answer: Callable[[], Response]) -> Response:
    """The answer with its ETag; 304 where the client has it already; made anew only where it is not kept.

    `version` is a user's id and the version of his data, read before `answer` reads any: triggers raise it with every
    write, whoever writes. None: an answer across users, which has neither."""
    if version is None:
        return answer()
    asked, user = current.request(), current.g().user
    made_of = (user.epoch, RELEASE, user.id, version, asked.path, asked.query_string, wire.answer_format())
    etag = blake2b(repr(made_of).encode(), digest_size=16).hexdigest()
    known = asked.if_none_match if "HTTP_IF_NONE_MATCH" in asked.environ else NONE
    response = unchanged() if known.contains_weak(etag) and not known.star_tag else found(etag, answer)
    if known.star_tag:  # whatever is there, if anything is
        response = unchanged()
    response.headers["ETag"] = f'"{etag}"'
    response.headers["Cache-Control"] = REVALIDATE
    return response


def unchanged() -> Response:
    """304, which has no body and so neither type nor length."""
    response = wire.body(b"", 304)
    del response.headers["Content-Type"], response.headers["Content-Length"]
    return response


def found(etag: str, answer: Callable[[], Response]) -> Response:
    """The kept answer, or the one that is made now."""
    if (body := kept.get(etag)) is not None:
        return wire.body(body)
    response = answer()
    kept.keep(etag, response.get_data())
    return response
