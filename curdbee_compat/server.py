"""`curdbee-compat serve`: gunicorn inside this process. Knows sockets and signals, and no request."""

import ctypes
import gc
import ipaddress
import os
import resource
import signal
import socket
from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter

from curdbee_compat import sender, users, waits
from curdbee_compat.patience import PatientWorker

Address = tuple[socket.AddressFamily, tuple[Any, ...]]

M_ARENA_MAX = -8  # malloc.h
STOP_AT_ONCE = 2  # seconds for workers after SIGQUIT
MOST_FILES = 16_384  # connections and others that one process may have open, where the system allows so many
OTHER_FILES = 200  # those that are no connections to clients
FEWEST = 32  # connections, however few files there may be
SETTINGS = {
    "threads": 4,  # requests in the application of a worker, some of which will wait for the database
    "sendfile": False,  # it waits for the client
    "keepalive": 5,  # seconds
    "graceful_timeout": 10,  # seconds that requests which have begun may take after SIGTERM
    "limit_request_line": 8190,  # the most that gunicorn can be told; old clients send tokens and searches there
    # Who may say X-Forwarded-* or SCRIPT_NAME is for CURDBEE_TRUSTED_PROXIES alone; gunicorn believes 127.0.0.1.
    "forwarded_allow_ips": "",
    "accesslog": None,  # logs.py writes a line for each request
    "loglevel": "error",  # below that it quotes request lines it cannot read, with the tokens in them
    "control_socket_disable": True,
}


def resolved(host: str, port: int) -> Address:
    """The one address to listen on; of a name that has several, an IPv4 one: old clients know no other."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise users.Refused(f"cannot listen on {host!r}: {getattr(error, 'strerror', None) or error}") from None
    family, *_, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    return family, address


def refuse_demo_beyond_loopback(address: Address) -> None:
    """Refused, if other machines could log in with what everybody can read in the demo data."""
    host = str(address[1][0])
    if ipaddress.ip_address(host).is_loopback:
        return
    if names := users.open_to_everybody():
        raise users.Refused(
            f"{host} is open to other machines, and demo passwords or tokens still work for {', '.join(names)}; change "
            "them (curdbee-compat user password NAME --password-stdin; curdbee-compat user token NAME) "
            "or shut the users out (curdbee-compat user disable NAME)"
        )


def listen(address: Address) -> socket.socket:
    """A listening socket. Made here, because gunicorn tries five times and then logs ten lines. May raise Refused."""
    family, where = address
    try:
        return socket.create_server(where, family=family, backlog=2048, dualstack_ipv6=family == socket.AF_INET6)
    except OSError as error:
        reason = os.strerror(error.errno) if error.errno else str(error)
        raise users.Refused(
            f"cannot listen on {where[0]}, port {where[1]}: {reason}; another port: --port NUMBER"
        ) from None


def url(listener: socket.socket) -> str:
    """Where a browser on this machine finds the server."""
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


def run(app: Flask, listener: socket.socket, workers: int) -> None:
    """Serve until SIGTERM or SIGINT, then finish what has begun. Ends with SystemExit.

    `app` must have no connection open: the workers, and where it has a mail server the sender of mail, are forks of
    this process. What they have from it stays shared as long as nobody writes there, so the collector, which would,
    leaves it alone; it also takes a tenth of a second to look through it."""
    share_one_arena()
    gc.collect()
    gc.freeze()
    mailing = sender.start(app, listener) if app.config["MAIL_SERVER"] else None
    try:
        Server(app, listener, workers).run()
    finally:
        if mailing:
            sender.stop(mailing)


class Worker(PatientWorker):
    """One that gathers bodies as large as the application takes, and tells it since when a request has waited."""

    wsgi: Any

    def load_wsgi(self) -> None:
        """The application, told since when each request waits."""
        super().load_wsgi()
        app = self.wsgi
        self.limit = app.config["MAX_CONTENT_LENGTH"]
        self.writers = 1 if app.config["ONE_WRITER"] else self.cfg.threads - 1

        def counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            waits.started(environ, environ["gunicorn.socket"].whole_at)
            return app(environ, start_response)

        self.wsgi = counted


class Server(BaseApplication):
    """The application as gunicorn sees it."""

    def __init__(self, app: Flask, listener: socket.socket, workers: int) -> None:
        self._app = app
        self._settings = {
            **SETTINGS,
            "bind": f"fd://{listener.detach()}",
            "workers": workers,
            "worker_class": Worker,
            "worker_connections": max(open_files() - OTHER_FILES, FEWEST),
            "post_worker_init": leave_interrupts_to_the_master,
        }
        super().__init__()

    def load_config(self) -> None:
        """Settings in gunicorn's names."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """What a worker serves."""
        return self._app

    def run(self) -> None:
        """Serve until told to stop."""
        Master(self).run()


def open_files() -> int:
    """How many files this process may have open, after it has asked for as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return most
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return most


def share_one_arena() -> None:
    """glibc would let each thread gather memory of its own, though only one at a time runs Python."""
    if mallopt := getattr(ctypes.CDLL(None), "mallopt", None):
        mallopt(M_ARENA_MAX, 1)


class Master(Arbiter):
    """Ctrl-C stops as gracefully as SIGTERM; a second one does not wait."""

    handle_int = Arbiter.handle_term

    def stop(self, graceful: bool = True) -> None:
        """A worker that is still starting hears no signal; by SIGQUIT nobody wants to wait for it."""
        if not graceful:
            self.cfg.set("graceful_timeout", STOP_AT_ONCE)
        super().stop(graceful)


def leave_interrupts_to_the_master(_worker: Any) -> None:
    """Ctrl-C reaches every process of the terminal; a worker that heard it would drop its requests."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
