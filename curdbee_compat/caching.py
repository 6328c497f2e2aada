"""ETags of reads: made of what can change an answer, and of nothing that has to be computed from it."""

from hashlib import blake2b

from flask import Response, g, request

from curdbee_compat import wire
from curdbee_compat.release import RELEASE


def revalidated(response: Response, version: tuple[int, int] | None) -> Response:
    """The response with its ETag, or 304 where the client has it already.

    `version` is a user's id and the version of his data; triggers raise it with every write. None: no ETag."""
    if version is None:
        return response
    target = f"{request.path}?{request.query_string.decode('latin-1')}"
    made_of = (g.user.epoch, RELEASE, g.user.id, version, target, wire.answer_format())
    response.set_etag(blake2b(repr(made_of).encode(), digest_size=16).hexdigest())
    response.headers["Cache-Control"] = "private, max-age=0, must-revalidate"
    response.make_conditional(request)
    return response
