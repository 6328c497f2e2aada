"""What needs no login: the front page, and whether the server lives and is ready."""

from flask import Blueprint, Response, render_template

from curdbee_compat import schema_state, wire
from curdbee_compat.release import RELEASE

blueprint = Blueprint("pages", __name__)
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"


@blueprint.get("/")
def front() -> Response:
    """What this is and where its documentation lies."""
    response = Response(
        render_template("front.html", release=RELEASE, root=wire.absolute("/")), content_type="text/html; charset=utf-8"
    )
    response.headers["Content-Security-Policy"] = POLICY
    return response


@blueprint.get("/healthz")
def healthz() -> Response:
    """200: the process lives."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the database answers and its schema is current, else 503 with the reason."""
    reason = schema_state.problem()
    return Response(f"{reason or 'ready'}\n", 503 if reason else 200, content_type="text/plain; charset=utf-8")
