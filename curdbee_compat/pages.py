"""What needs no login: the front page, statements by their key, and whether the server lives and is ready."""

import logging
import re
from functools import cache

from flask import Blueprint, Response, render_template, request
from sqlalchemy.exc import SQLAlchemyError

from curdbee_compat import current, schema_state, statement_view, wire
from curdbee_compat.release import RELEASE
from curdbee_compat.statement_view import StatementView

log = logging.getLogger(__name__)
blueprint = Blueprint("pages", __name__)
UNFRAMED = "frame-ancestors 'none'"
POLICY = f"default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; {UNFRAMED}"
HSTS = "max-age=31536000"  # a year; not for subdomains, which stand for old clients' accounts and may lack certificates
# Whoever has the link may read; nobody else shall learn of it, from a cache, a search engine or a Referer.
PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow",
}


@blueprint.get("/")
def front() -> Response:
    """What this is and where its documentation lies."""
    return page(render_template("front.html", release=RELEASE, root=wire.absolute("/")))


@blueprint.get("/inv/<path:key>", defaults={"place": "inv"})
@blueprint.get("/est/<path:key>", defaults={"place": "est"})
def statement(place: str, key: str) -> Response:
    """An invoice or estimate for its customer."""
    view = statement_view.find(place, key)
    if view is None:
        return missing()
    html = render_template("statement.html", view=view, day=statement_view.day, place=place, key=key)
    return private(page(html))


@blueprint.get("/inv/<path:key>.pdf", defaults={"place": "inv"})
@blueprint.get("/est/<path:key>.pdf", defaults={"place": "est"})
def statement_pdf(place: str, key: str) -> Response:
    """The same to keep."""
    from curdbee_compat.pdf import document  # its libraries take half a second to import; nothing else needs them

    view = statement_view.find(place, key)
    if view is None:
        return missing()
    response = Response(document(view), content_type="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename=file_name(view))
    return private(guarded(response, UNFRAMED))


def file_name(view: StatementView) -> str:
    """Kind and number, "invoice-INV-007.pdf"; of the number, what any file system and any header can hold."""
    number = re.sub("[^A-Za-z0-9._-]+", "-", view.number).strip("-.")[:100]
    return f"{'-'.join(filter(None, [view.kind.lower(), number]))}.pdf"


def missing() -> Response:
    """404. It does not tell a key that never was from one whose statement is gone."""
    return private(page(render_template("missing.html"), 404))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Nothing here is for search engines."""
    return Response("User-agent: *\nDisallow: /\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/healthz")
def healthz() -> Response:
    """200: the process lives."""
    return Response("ok\n", content_type="text/plain; charset=utf-8")


@blueprint.get("/readyz")
def readyz() -> Response:
    """200 when the database answers and its schema is current, else 503 with the reason. A second line is a warning."""
    reason = unready()
    lines = [reason or "ready"]
    if not reason and (warning := schema_state.warning()):
        log_once(warning)
        lines.append(f"warning: {warning}")
    return Response(
        "".join(f"{line}\n" for line in lines), 503 if reason else 200, content_type="text/plain; charset=utf-8"
    )


@cache
def log_once(warning: str) -> None:
    """Once a process: whoever asks whether it is ready asks often."""
    log.warning("%s", warning)


def unready() -> str | None:
    """Why not, as anybody may read it: where the database is stands in the log alone."""
    try:
        return schema_state.difference()
    except SQLAlchemyError as error:
        log.error("not ready: %s [%s]", schema_state.first_line(error), current.g().get("request_id"))
        return "cannot reach the database; the log of the server says why"


def page(html: str, status: int = 200) -> Response:
    """A page that loads nothing but its own style."""
    return guarded(Response(html, status, content_type="text/html; charset=utf-8"), POLICY)


def guarded(response: Response, policy: str) -> Response:
    """With what a browser shall not do: guess types, tell other sites the address, show it in their frames; nor, once
    it has come by TLS, come without."""
    response.headers["Content-Security-Policy"] = policy
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = HSTS
    return response


def private(response: Response) -> Response:
    """For the reader alone."""
    response.headers.extend(PRIVATE)
    return response
