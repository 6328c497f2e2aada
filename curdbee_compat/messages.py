"""Flask's request and response, told what they need not find out; and how a request ends that has its answer."""

from typing import Any

import flask
from werkzeug.datastructures import Headers, ImmutableMultiDict, MultiDict
from werkzeug.utils import cached_property

NOTHING: MultiDict[str, str] = ImmutableMultiDict()


class Request(flask.Request):
    """Flask's, but for how it looks in a traceback or a debugger, since its URL may hold a token; and for a query that
    is not there, which is not parsed."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.path!r} [{self.method}]>"

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """What the query says."""
        return super().args if self.query_string else NOTHING


class Answered(Exception):
    """Raised where a request turns out to have its answer already."""

    def __init__(self, answer: flask.Response) -> None:
        super().__init__(answer)
        self.answer = answer


class Answer(flask.Response):
    """One whose body is there, in bytes, and whose headers are as they shall be sent: a Location is a whole URL."""

    def __init__(self, body: bytes, status: int, headers: list[tuple[str, str]]) -> None:
        super().__init__([body], status, [*headers, ("Content-Length", str(len(body)))], direct_passthrough=True)

    def get_wsgi_headers(self, environ: dict[str, Any]) -> Headers:
        """The headers as they are."""
        return self.headers
