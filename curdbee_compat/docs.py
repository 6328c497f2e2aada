"""The OpenAPI document, and a page that shows it without scripts or other hosts; open to all, made once a process."""

import re

from flask import Blueprint, Flask, Response, current_app, render_template
from markupsafe import Markup, escape

from curdbee_compat import pages, wire
from curdbee_compat.openapi.document import build
from curdbee_compat.openapi.outline import Outline
from curdbee_compat.openapi.samples import Json
from curdbee_compat.wire import rails_json

blueprint = Blueprint("docs", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """200 and the OpenAPI 3.1 description of both APIs."""
    return Response(rails_json.document(document()), content_type="application/json; charset=utf-8")


@blueprint.get("/docs")
def docs() -> Response:
    """200 and the same to read."""
    described = document()
    root = wire.absolute("")
    return pages.page(render_template("docs.html", document=described, outline=Outline(described), root=root))


@blueprint.app_template_filter()
def in_code(text: str) -> Markup:
    """Text whose words between backticks are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def document() -> Json:
    """The OpenAPI document of this application."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if "openapi" not in app.extensions:
        app.extensions["openapi"] = build(app)
    return app.extensions["openapi"]
