"""Refuses what a page of another site makes a browser send: the browser adds remembered Basic credentials by itself."""

from urllib.parse import urlsplit

from flask import Flask, abort

from curdbee_compat import current

READS = ("GET", "HEAD")
PORTS = {"http": 80, "https": 443}
# What a page of this server asks for, and what a person typed, reloaded or let a program send. Not `same-site`: a page
# of a neighbouring subdomain is another application, and no request that it could mean for this one needs a browser.
OWN = ("same-origin", "none")


def init_app(app: Flask) -> None:
    """Look at every request before credentials are: else a page elsewhere could also use up somebody's guesses."""
    app.before_request(refuse)


def refuse() -> None:
    """403 for a request that would change something, if its headers say that another site is behind it.

    Browsers since 2020 (Safari: 2023) send Sec-Fetch-Site over TLS, all send Origin with such a request; the clients
    of the old API send neither. `_method` and its header stand for the method already."""
    asked = current.request()
    if asked.method in READS:
        return
    site, origin = asked.environ.get("HTTP_SEC_FETCH_SITE"), asked.environ.get("HTTP_ORIGIN")
    if site is None and (origin is None or is_own(origin, asked.environ.get("HTTP_HOST", ""))):
        return
    if site not in OWN:
        abort(403)


def is_own(origin: str, host: str) -> bool:
    """Whether an Origin names the host that the request was sent to. The schemes are not compared: a proxy that ends
    TLS need not tell. `null` is nobody's: sandboxed frames and local files send it."""
    try:
        parts, own = urlsplit(origin), urlsplit(f"//{host}")
        usual = PORTS.get(parts.scheme)
        return (
            usual is not None
            and bool(parts.hostname)
            and (parts.hostname, parts.port or usual) == (own.hostname, own.port or usual)
        )
    except ValueError:
        return False
