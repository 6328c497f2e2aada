"""WSGI wrapper for what old clients put around a request: `/x.xml` is `/x` as XML; `_method`; chunks; a last slash."""

import re
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, quote

ASCII = "".join(map(chr, range(33, 127)))
SUFFIX = re.compile(r"\.([A-Za-z][A-Za-z0-9]*)$")  # `.5` is no suffix but part of an id, and that is then unknown


def is_unmeasured(environ: dict[str, Any]) -> bool:
    """Whether a body may follow that has an end but no length, as with HTTP/2 under Apache."""
    bodiless = environ["REQUEST_METHOD"] in ("GET", "HEAD") or environ.get("CONTENT_LENGTH")
    return bool(environ.get("wsgi.input_terminated") and not bodiless)


class Suffix:
    """Takes the suffix off before routing, so that no route and no view spells a format.

    `skip` tells which paths are left as they are; `limit` is the largest body that is looked into, in bytes."""

    def __init__(self, app: Callable[..., Any], skip: Callable[[str], bool], limit: int) -> None:
        self.app, self.skip, self.limit = app, skip, limit

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if not self.skip(path):
            if path.endswith("/"):
                environ["PATH_INFO"] = path[:-1]
            elif match := SUFFIX.search(path):
                environ["PATH_INFO"] = path[: match.start()]
                environ["curdbee.suffix"] = match[1].lower()
            if not environ.get("QUERY_STRING", "").isascii():  # bare bytes, which werkzeug takes for UTF-8
                environ["QUERY_STRING"] = quote(environ["QUERY_STRING"].encode("latin-1"), safe=ASCII)
            if environ.pop("HTTP_TRANSFER_ENCODING", None) or is_unmeasured(environ):
                self._measure(environ)
            if environ["REQUEST_METHOD"] == "POST":
                environ["REQUEST_METHOD"] = self._method(environ)
        return self.app(environ, start_response)

    def _measure(self, environ: dict[str, Any]) -> None:
        """Give the body a length: werkzeug would cut one that is too long instead of refusing it."""
        content = environ["wsgi.input"].read(self.limit + 1)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = BytesIO(content), str(len(content))

    def _method(self, environ: dict[str, Any]) -> str:
        """The method a POST stands for: by header, or by `_method` in an urlencoded form."""
        if override := environ.get("HTTP_X_HTTP_METHOD_OVERRIDE"):
            return override.strip().upper()
        length = environ.get("CONTENT_LENGTH") or ""
        form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
        if not (form and length.isdigit() and int(length) <= self.limit):
            return "POST"
        content = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = BytesIO(content)
        if not content.startswith((b"{", b"[", b"<")) and b"_method" in content:
            return parse_qs(content.decode("latin-1")).get("_method", ["POST"])[-1].strip().upper()
        return "POST"
