"""Who logs in and owns data, and how the secrets are kept: as hashes only."""

import hashlib
import secrets
from collections.abc import Sequence

from sqlalchemy import ForeignKey, String, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, validates
from werkzeug.security import generate_password_hash

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id, Record

US_DOLLAR = 150  # the one currency id that a client of the old API is known to have seen


def folded(login: str) -> str:
    """A name or an email as it is compared: both are one namespace, whatever the case."""
    return login.strip().casefold()


def token_digest(token: str) -> str:
    """SHA-256 of an API token, in hex. Tokens are long and random, so no slow hash is needed."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def password_hash(password: str) -> str:
    """A salted scrypt hash; computing it takes about a tenth of a second."""
    return generate_password_hash(password, method="scrypt")


def new_token() -> str:
    """A fresh API token in the old shape: 20 characters of A-Z, a-z, 0-9, - and _."""
    return secrets.token_urlsafe(15)


class User(Record):
    """One login, one password, one API token; the owner of everything below."""

    __tablename__ = "users"
    audited = True
    unaudited = frozenset({*Record.unaudited, "version", "audit_length", "audit_head"})
    secret = frozenset({"password_hash", "token_digest"})
    __table_args__ = (
        UniqueConstraint("login"),
        UniqueConstraint("email_login"),
        UniqueConstraint("token_digest"),
        AUTOINCREMENT,
    )

    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(255))
    login: Mapped[str] = mapped_column(String(255))  # folded name
    email_login: Mapped[str | None] = mapped_column(String(255))  # folded email
    password_hash: Mapped[str] = mapped_column(String(255))
    token_digest: Mapped[str] = mapped_column(String(64))
    admin: Mapped[bool] = mapped_column(default=False)
    disabled: Mapped[bool] = mapped_column(default=False)
    currency_id: Mapped[int] = mapped_column(Id, ForeignKey("currencies.id"), default=US_DOLLAR)
    version: Mapped[int] = mapped_column(Id, default=0)  # raised by triggers on every write to the user's data
    # How long the user's audit trail is, and the hash of its last entry; kept by a trigger.
    audit_length: Mapped[int] = mapped_column(Id, default=0, server_default="0")
    audit_head: Mapped[str | None] = mapped_column(String(64))

    @classmethod
    def lock(cls, user_ids: Sequence[int]) -> None:
        """Lock these users' rows, always in the same order: numbers, totals, versions and the audit trail all sit
        behind this. SQLite has one lock for all, taken when a write begins; there the users are only read."""
        ordered = select(cls).where(cls.id.in_(user_ids)).order_by(cls.id)
        locked = ordered.with_for_update(key_share=True).execution_options(populate_existing=True)
        db.session.execute(locked).all()

    @validates("name")
    def _fold_name(self, _key: str, name: str) -> str:
        self.login = folded(name)
        return name

    @validates("email")
    def _fold_email(self, _key: str, email: str | None) -> str | None:
        self.email_login = folded(email) if email else None
        return email

    def __repr__(self) -> str:
        return f"<User {self.id} {self.name!r}>"
