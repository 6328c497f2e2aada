"""The OpenAPI document, and a page that shows it without scripts or other hosts; open to all, made once a process."""

import re
from typing import Any

from flask import Blueprint, Flask, Response, current_app, render_template
from markupsafe import Markup, escape

from curdbee_compat import pages, wire
from curdbee_compat.wire import rails_json

blueprint = Blueprint("docs", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """200 and the OpenAPI 3.1 description of both APIs."""
    return Response(rails_json.document(document()), content_type="application/json; charset=utf-8")


@blueprint.get("/docs")
def docs() -> Response:
    """200 and the same to read."""
    from curdbee_compat.openapi.outline import Outline

    described = document()
    root = wire.absolute("")
    return pages.page(render_template("docs.html", document=described, outline=Outline(described), root=root))


@blueprint.app_template_filter()
def in_code(text: str) -> Markup:
    """Text whose words between backticks are code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def document() -> dict[str, Any]:
    """The OpenAPI document of this application."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    if "openapi" not in app.extensions:
        from curdbee_compat.openapi.document import build  # with its library; a worker that is not asked needs neither

        app.extensions["openapi"] = build(app)
    return app.extensions["openapi"]
