"""curdbee-compat: a self-hosted server that answers the clients of the CurdBee API."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Request
from flask.sessions import NullSession, SessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import BaseConverter, MapAdapter

from curdbee_compat import (
    admin,
    api,
    auth,
    config,
    cross_site,
    docs,
    errors,
    extensions,
    logs,
    messages,
    pages,
    throttle,
)
from curdbee_compat.wire.suffix import Suffix

MAX_ID = 2**63 - 1


class NoSessions(SessionInterface):
    """What Flask asks for a session: it has the same one for everybody, which nobody can write to."""

    session = NullSession()

    def open_session(self, app: Flask, request: Request) -> NullSession:
        """Nobody's."""
        return self.session


class Application(Flask):
    """Flask, told what it need not find out in each request: whether seven functions are coroutines, for which host it
    routes, and that it keeps no sessions."""

    request_class = messages.Request
    session_interface = NoSessions()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """For the path alone: no route depends on the host, which old clients get wrong in many ways."""
        if request is None:
            return None
        return MapAdapter(
            self.url_map,
            server_name="localhost",
            script_name=request.environ.get("SCRIPT_NAME", ""),
            subdomain="",
            url_scheme=request.scheme,
            path_info=request.path,
            default_method=request.method,
            query_args=request.query_string.decode("latin-1"),
        )


class IdConverter(BaseConverter):
    """An id in a path: ASCII digits. One that no 64-bit column can hold becomes the largest, which no row has."""

    regex = "[0-9]{1,40}"

    def to_python(self, value: str) -> int:
        """The id; leading zeros are none of it."""
        return min(int(value), MAX_ID)


def create_app(overrides: Mapping[str, str] | None = None) -> Flask:
    """The WSGI application, from CURDBEE_* settings and `overrides`. ConfigError where one cannot be used."""
    app = Application(__name__)
    app.config.from_mapping(config.load(overrides))
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False  # OPTIONS is 405 with Allow, as everywhere in the family
    app.url_map.converters["id"] = IdConverter
    app.url_map.merge_slashes = False  # a redirect loses the body of a POST
    app.url_map.redirect_defaults = False  # those there are never redirect: the routes of a view differ in them
    logs.configure()
    extensions.init_app(app)
    logs.init_app(app)
    throttle.init_app(app)
    cross_site.init_app(app)
    auth.init_app(app)
    errors.register(app)
    app.register_blueprint(pages.blueprint)
    app.register_blueprint(docs.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(admin.blueprint)
    app.wsgi_app = Suffix(app.wsgi_app, skip=auth.is_open, limit=app.config["MAX_CONTENT_LENGTH"])  # type: ignore[method-assign]
    if hops := app.config["TRUSTED_PROXIES"]:
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, hops, hops)  # type: ignore[method-assign]
    return app
