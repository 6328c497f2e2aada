"""Users, as whoever runs the server makes and changes them; nobody else writes these rows. The caller commits."""

import unicodedata
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, or_, select
from werkzeug.security import check_password_hash

from curdbee_compat.extensions import db
from curdbee_compat.models.currency import Currency
from curdbee_compat.models.user import User, folded, password_hash, token_digest

# What `curdbee-compat demo` makes. Everybody can read these here, so `serve` shows them to this machine only.
DEMO_PASSWORDS = {"demo": "demo", "admin": "admin"}
DEMO_TOKEN = "demo-api-token-12345"

MAX_LENGTH = 255


class Refused(ValueError):
    """What was asked for cannot be done; the text says why, on one line."""


def any_there() -> bool:
    """Whether there is a user at all."""
    return bool(db.session.scalar(select(exists().select_from(User))))


def listed() -> Sequence[Any]:
    """Rows of id, name, email, admin, disabled and currency (its code), oldest first."""
    columns = (User.id, User.name, User.email, User.admin, User.disabled, Currency.code.label("currency"))
    query = select(*columns).join(Currency, Currency.id == User.currency_id).order_by(User.id)
    return db.session.execute(query).all()


def find(name: str) -> User:
    """The user of this name or email, whatever the case."""
    user = None if _has_controls(name) else db.session.scalars(select(User).where(_called(name))).one_or_none()
    if user is None:
        raise Refused(f"there is no user {name!r}; to see all: curdbee-compat user list")
    return user


def only() -> User:
    """The one user, where nobody was named. Refused where there are more, or none."""
    found = db.session.scalars(select(User).limit(2)).all()
    if not found:
        raise Refused("there is no user yet; make one with: curdbee-compat user add")
    if len(found) > 1:
        raise Refused("there are several users; say which: --user NAME (to see all: curdbee-compat user list)")
    return found[0]


def add(
    name: str,
    password: str,
    token: str,
    *,
    admin: bool = False,
    email: str | None = None,
    currency: str = "USD",
) -> User:
    """A new user. Refused where a text cannot be used, or another user has it."""
    for login in (name, email):
        if login is not None:
            _check_login(login)
    _check_token(token, name, email)
    user = User(name=name.strip(), email=email and email.strip(), token_digest=token_digest(token), admin=admin)
    user.currency_id = _currency_id(currency)
    user.password_hash = _hashed(password)
    db.session.add(user)
    return user


def set_password(name: str, password: str) -> None:
    """From the next request on only the new password counts."""
    hashed = _hashed(password)
    _locked(name).password_hash = hashed


def set_token(name: str, token: str) -> None:
    """From the next request on only the new token counts."""
    user = _locked(name)
    _check_token(token, user.name, user.email, user.id)
    user.token_digest = token_digest(token)


def set_disabled(name: str, disabled: bool) -> None:
    """A disabled user keeps the data and cannot log in."""
    _locked(name).disabled = disabled


def open_to_everybody() -> list[str]:
    """The names of the users who can log in with the demo's password or its API token."""
    named = User.login.in_(DEMO_PASSWORDS)
    suspects = select(User).where(User.disabled.is_(False), or_(named, User.token_digest == token_digest(DEMO_TOKEN)))
    return [user.name for user in db.session.scalars(suspects.order_by(User.id)) if _has_demo_secret(user)]


def _has_demo_secret(user: User) -> bool:
    if user.token_digest == token_digest(DEMO_TOKEN):
        return True
    return any(check_password_hash(user.password_hash, known) for known in DEMO_PASSWORDS.values())


def _locked(name: str) -> User:
    """The user to be changed, behind the lock of all who write his data: the audit trail tells of it."""
    user = find(name)
    User.lock([user.id])
    return user


def _called(text: str) -> ColumnElement[bool]:
    return or_(User.login == folded(text), User.email_login == folded(text))


def _has_controls(text: str) -> bool:
    """Also lone surrogates: what Python makes of arguments that are not UTF-8, and no database takes."""
    return any(unicodedata.category(character) in ("Cc", "Cs") for character in text)


def _check_login(text: str) -> None:
    """Names and emails are sent as the user name of HTTP Basic, which ends at the first colon."""
    if not text.strip():
        raise Refused("a name or email must not be empty")
    if ":" in text or _has_controls(text):
        raise Refused("a name or email must not contain ':' or control characters")
    if max(len(text), len(folded(text))) > MAX_LENGTH:
        raise Refused(f"a name or email has {MAX_LENGTH} characters at most")
    if db.session.scalar(select(exists().where(or_(_called(text), User.token_digest == token_digest(text.strip()))))):
        raise Refused(f"{text!r} is taken")


def _check_token(token: str, name: str, email: str | None, user_id: int | None = None) -> None:
    """A token alone logs in, also as the user name of HTTP Basic, so nobody's name or email may be one."""
    if not token:
        raise Refused("the API token is empty")
    if _has_controls(token):
        raise Refused("an API token must not contain control characters")
    if folded(token) in (folded(name), folded(email or name)) or db.session.scalar(
        select(exists().where(_called(token)))
    ):
        raise Refused("an API token must not be the name or email of a user")
    taken = exists().where(User.token_digest == token_digest(token), User.id.is_distinct_from(user_id))
    if db.session.scalar(select(taken)):
        raise Refused("another user has this API token")


def _currency_id(code: str) -> int:
    found = code.isascii() and db.session.scalar(select(Currency.id).where(Currency.code == code.upper()))
    if not found:
        raise Refused(f"there is no currency {code!r}; give an ISO 4217 code, such as USD, EUR or JPY")
    return found


def _hashed(password: str) -> str:
    if not password:
        raise Refused("the password is empty")
    return password_hash(password)
