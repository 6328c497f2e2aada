"""Requests to an app in the same process: the whole WSGI application, without a socket."""

import base64
import json
from typing import Any

import secrecy
from flask import Flask
from werkzeug.test import Client, TestResponse
from werkzeug.wrappers import Response

NOTHING = object()
JSON = "application/json"
XML = "application/xml"


def basic(name: str, password: str) -> str:
    """The value of an Authorization header."""
    return "Basic " + secrecy.note(base64.b64encode(f"{name}:{password}".encode()).decode("ascii"))


class Http:
    """A user's requests. Verbs check the status and return the parsed body; `raw` returns the response as it came.

    A body is `json=value`, `xml=text`, `form={...}`, `body=bytes` with an optional `content_type`, or a root by
    name: `http.post("/clients", client={"name": "Ann"})`. No header is sent that the call does not name, but for
    the user's Authorization; `auth=None` sends none."""

    def __init__(self, app: Flask, auth: tuple[str, str] | None) -> None:
        self._auth = auth
        self._transport = Client(app, Response, use_cookies=False)

    def get(self, path: str, *, status: int = 200, **request: Any) -> Any:
        return self._checked("GET", path, status, request)

    def head(self, path: str, *, status: int = 200, **request: Any) -> Any:
        return self._checked("HEAD", path, status, request)

    def post(self, path: str, *, status: int = 201, **request: Any) -> Any:
        return self._checked("POST", path, status, request)

    def put(self, path: str, *, status: int = 200, **request: Any) -> Any:
        return self._checked("PUT", path, status, request)

    def patch(self, path: str, *, status: int = 200, **request: Any) -> Any:
        return self._checked("PATCH", path, status, request)

    def delete(self, path: str, *, status: int = 200, **request: Any) -> Any:
        return self._checked("DELETE", path, status, request)

    def options(self, path: str, *, status: int = 405, **request: Any) -> Any:
        return self._checked("OPTIONS", path, status, request)

    def raw(
        self,
        method: str,
        path: str,
        *,
        json: Any = NOTHING,
        xml: str | None = None,
        form: dict[str, Any] | None = None,
        body: bytes | str = b"",
        content_type: str | None = None,
        headers: dict[str, str] | None = None,
        auth: Any = NOTHING,
        query: dict[str, Any] | None = None,
        host: str = "localhost",
        **root: Any,
    ) -> TestResponse:
        """One request, one response, whatever the status."""
        auth = self._auth if auth is NOTHING else auth
        headers = dict(headers or {})
        if auth is not None and "Authorization" not in headers:
            headers["Authorization"] = basic(*auth)
        body, content_type = _encoded(root or json, xml, body, content_type)
        return self._transport.open(
            path,
            method=method,
            data=body if form is None else form,
            content_type=content_type,
            headers=headers,
            query_string=query,
            base_url=f"http://{host}/",
            environ_base={"REMOTE_ADDR": "127.0.0.1"},
        )

    def _checked(self, method: str, path: str, status: int, request: dict[str, Any]) -> Any:
        response = self.raw(method, path, **request)
        shown = f"{method} {path} gave {response.status}, not {status}: {response.get_data(as_text=True)[:2000]}"
        assert response.status_code == status, shown
        return parsed(response)


def _encoded(value: Any, xml: str | None, body: bytes | str, content_type: str | None) -> tuple[Any, str | None]:
    if value is not NOTHING:
        return json.dumps(value), content_type or JSON
    if xml is not None:
        return xml, content_type or XML
    return body, content_type


def parsed(response: TestResponse) -> Any:
    """The value of a JSON body, the text of any other, None of an empty one."""
    text = response.get_data(as_text=True)
    if response.mimetype == JSON and text.strip():
        return json.loads(text)
    return text or None
