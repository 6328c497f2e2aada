"""One request as bytes and one answer as bytes, to an app in process or to a real server."""

from dataclasses import dataclass, field
from io import BytesIO
from typing import Protocol
from urllib.parse import unquote_to_bytes

from flask import Flask
from served import Server
from werkzeug.test import run_wsgi_app

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """`target` is path and query as they stand in the request line; a chunked body is announced by no length."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    chunked: bool = False

    def framing(self) -> Headers:
        """What announces the body."""
        return (
            (("Transfer-Encoding", "chunked"),) if self.chunked else (("Content-Length", str(len(self.body))),)
        ) + self.headers

    def curl(self, authorization: str) -> str:
        """About the same by curl, to repeat it."""
        headers = "".join(f" -H '{name}: {value}'" for name, value in (*self.headers, ("Authorization", authorization)))
        return f"printf '{octal(self.body)}' | curl -X {self.method}{headers} --data-binary @- 'ROOT{self.target}'"


def octal(body: bytes) -> str:
    """Bytes as printf takes them."""
    return "".join(chr(byte) if chr(byte).isalnum() else f"\\{byte:03o}" for byte in body)


@dataclass(frozen=True)
class Answer:
    """Header names are lower case."""

    status: int
    headers: dict[str, str] = field(repr=False)
    body: bytes


class Peer(Protocol):
    """Who answers."""

    def send(self, request: Request, authorization: str) -> Answer:
        """Send it for the user of that header."""


class InProcess:
    """The whole WSGI application, without a socket."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def send(self, request: Request, authorization: str) -> Answer:
        path, _, query = request.target.partition("?")
        environ = {
            "REQUEST_METHOD": request.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(request.body),
            "wsgi.errors": BytesIO(),
            "HTTP_AUTHORIZATION": authorization,
        }
        for name, value in request.framing():
            name = name.upper().replace("-", "_")
            environ[name if name in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{name}"] = value
        body, status, headers = run_wsgi_app(self.app, environ, buffered=True)
        return Answer(int(status[:3]), {name.lower(): value for name, value in headers}, b"".join(body))


class Served:
    """A real server, one connection a request."""

    def __init__(self, server: Server) -> None:
        self.server = server

    def send(self, request: Request, authorization: str) -> Answer:
        headers = (("Host", self.server.host), ("Authorization", authorization), *request.framing())
        head = "".join(f"{name}: {value}\r\n" for name, value in headers)
        body = request.body
        if request.chunked:
            body = (b"%x\r\n%s\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
        sent = f"{request.method} {request.target} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body
        reply = self.server.raw(sent, head=request.method == "HEAD")
        return Answer(reply.status, reply.headers, reply.body)
