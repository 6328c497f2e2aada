"""Who is asking: Basic credentials or an API token."""

import hashlib
import hmac
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from flask import Flask, abort, current_app
from flask_httpauth import HTTPBasicAuth
from sqlalchemy import ColumnElement, bindparam, or_, select
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Unauthorized
from werkzeug.security import check_password_hash

from curdbee_compat import current, tenancy, throttle, wire
from curdbee_compat.extensions import give_back
from curdbee_compat.models.installation import Installation
from curdbee_compat.models.user import User, folded, token_digest
from curdbee_compat.prepared import Prepared

OPEN = {"inv", "est", "healthz", "readyz", "docs", "openapi.json", "static", "favicon.ico", "robots.txt"}
REALM = "CurdBee"
TOKEN, PASSWORD = "token", "password"  # kinds of credentials
REMEMBERED = 10_000
# What an unknown name is checked against, so that it costs the same as a wrong password. Of no known text.
NOBODY = "scrypt:32768:8:1$kQ2Wj1Xn0cE5rT7u$" + "0" * 128


class Basic(HTTPBasicAuth):
    """Flask-HTTPAuth's, told that `verify` is no coroutine."""

    def ensure_sync(self, f: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return f


basic = Basic(realm=REALM)
hashing = threading.Lock()  # scrypt takes 32 MiB and a core; one at a time is enough for a server
remembered: OrderedDict[bytes, str] = OrderedDict()


class Known(NamedTuple):
    """Who is asking, as his row was at the beginning of the request, and the epoch of the whole database."""

    id: int
    name: str
    password_hash: str
    token_digest: str
    admin: bool
    version: int
    epoch: str

    def __repr__(self) -> str:
        return f"<Known {self.id} {self.name!r}>"


def enabled(condition: ColumnElement[bool]) -> dict[bool, Prepared]:
    """Read the enabled users of a condition: two of them are as good as none. By whether it is for the admin API.

    What the request reads next is read in this transaction, which learns here for whom."""
    epoch = select(Installation.epoch).scalar_subquery()
    columns = (User.id, User.name, User.password_hash, User.token_digest, User.admin, User.version, epoch)
    told = {False: tenancy.told_user(User.id), True: tenancy.told_admin(User.admin)}
    found = {admin: select(*columns, setting) for admin, setting in told.items()}
    return {
        admin: Prepared(query.where(condition, User.disabled.is_(False)).limit(2)) for admin, query in found.items()
    }


HAS_TOKEN = User.token_digest == bindparam("digest")
BY_TOKEN = enabled(HAS_TOKEN)
BY_NAME = enabled(or_(User.login == bindparam("login"), User.email_login == bindparam("login"), HAS_TOKEN))


def init_app(app: Flask) -> None:
    """Guard every path but the open ones, unknown paths too."""
    app.before_request(guard)


def is_open(path: str) -> bool:
    """Whether a path needs no login."""
    return path in ("", "/") or path.removeprefix("/").split("/", 1)[0] in OPEN


def is_for_admins(path: str) -> bool:
    """Whether a path is of the admin API, where an admin sees everybody's data; elsewhere he sees his own."""
    return path.startswith("/admin/")


def guard() -> None:
    """413, 429, 401 and 403, then 406 for a known path, in this order; before any record is looked at."""
    asked = current.request()
    path = asked.path
    if is_open(path):
        return
    if asked.environ.get("CONTENT_LENGTH"):
        asked.get_data()  # 413; and nobody who sends slowly holds a lock later
    user = authenticate()
    for_admins = is_for_admins(path)
    if for_admins and not user.admin:
        abort(403)
    tenancy.work_for(tenancy.ADMIN if for_admins else tenancy.of_user(user.id))
    if asked.routing_exception is None:
        view: Any = current_app.view_functions[str(asked.endpoint)]
        if not wire.settle(getattr(view, "formats", wire.FORMATS)):
            abort(406)


def authenticate() -> Known:
    """Let whoever `verify` knows pass, as `g.user`; else 401. Flask-HTTPAuth's decorator would let OPTIONS through."""
    user: Known | None = basic.authenticate(basic.get_auth(), None)
    current.g().user = user
    if user is None:
        raise Unauthorized(www_authenticate=WWWAuthenticate("basic", token=f'realm="{REALM}"'))
    return user


@basic.verify_password
def verify(name: str, password: str) -> Known | None:
    """The user of a Basic pair, of a token given as user name, or, without a header, of `api_token`."""
    asked = current.request()
    header = asked.environ.get("HTTP_AUTHORIZATION")
    if header is None:
        token = asked.args.get("api_token") or body_token()
        return by_token(token) if token else None
    if not name or header.split(None, 1)[0].lower() != "basic":
        return None
    return by_password(name, password)


def body_token() -> str | None:
    """`api_token` as a key of the body, which Rails took as well."""
    try:
        token = wire.params().get("api_token")
    except wire.BadBody:
        return None
    return token if isinstance(token, str) else None


def by_token(token: str) -> Known | None:
    """The one user with this token."""
    current.g().credential = TOKEN
    user = one_user(BY_TOKEN, digest=token_digest(token))
    if user is None:
        throttle.refuse_if_exceeded(token)
        throttle.count_failure(token)
    return user


def by_password(name: str, password: str) -> Known | None:
    """The one user of this name or email with this password; a token as name needs no password."""
    login, digest = folded(name), token_digest(name)
    user = one_user(BY_NAME, login=login, digest=digest) if "\0" not in login else None  # as Postgres has no NUL
    if user is not None and hmac.compare_digest(user.token_digest, digest):
        current.g().credential = TOKEN
        return user
    current.g().credential = PASSWORD
    key = credential_key(name, password)
    if user is not None and is_remembered(key, user.password_hash):
        return user
    return check_password(user, login, password, key)


def one_user(users: dict[bool, Prepared], **values: str) -> Known | None:
    """The one user; read anew for each request."""
    rows = users[is_for_admins(current.request().path)].all(values)
    return Known(*rows[0][:-1]) if len(rows) == 1 else None


def credential_key(name: str, password: str) -> bytes:
    """What a pair is remembered under: keyed, so that memory holds no secret; the length says where the name ends."""
    parts = name.encode("utf-8", "surrogatepass"), password.encode("utf-8", "surrogatepass")
    digest = keyed(current_app.config["DIGEST_KEY"]).copy()
    digest.update(b"%d:%b%b" % (len(parts[0]), *parts))
    return digest.digest()


@cache
def keyed(secret: str) -> Any:
    """A digest of nothing yet, under a key."""
    return hashlib.blake2b(key=secret.encode()[:64], digest_size=16)


def check_password(user: Known | None, login: str, password: str, key: bytes) -> Known | None:
    """Compute the slow hash, unless this address has guessed too often."""
    throttle.refuse_if_exceeded(login)
    give_back()  # hold no snapshot while hashing; and this one already works for a user who may not be asking
    with hashing:
        throttle.refuse_if_exceeded(login)  # again: others may have failed while this one waited
        stored = user.password_hash if user is not None else NOBODY
        if not (is_remembered(key, stored) or check_password_hash(stored, password)):
            throttle.count_failure(login)
            return None
        remember(key, stored)
    return user


def is_remembered(key: bytes, stored: str) -> bool:
    """Whether this pair was verified against this very hash before."""
    return hmac.compare_digest(remembered.get(key, ""), stored)


def remember(key: bytes, stored: str) -> None:
    """Keep a verified pair with the hash it was verified against; a changed password makes it worthless by itself."""
    remembered[key] = stored
    while len(remembered) > REMEMBERED:
        remembered.popitem(last=False)
