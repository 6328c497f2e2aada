"""What invoices and estimates share beyond a statement: a number, a state, a public page, copies."""

import datetime
import secrets
import string
from collections.abc import Iterator, Mapping
from itertools import chain, islice
from typing import Any, ClassVar, Self

from marshmallow import ValidationError
from sqlalchemy import ColumnElement, Index, String, UniqueConstraint, select, true
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from curdbee_compat import totals
from curdbee_compat.extensions import db
from curdbee_compat.models.base import now
from curdbee_compat.models.statement import Statement
from curdbee_compat.numbering import candidates

KEY_LETTERS, KEY_LENGTH = string.ascii_letters + string.digits, 22  # 131 random bits: nobody guesses a page


class NumberedStatement(Statement):
    """Its state follows from what is closed, delivered, owed and paid; nobody sets it."""

    __abstract__ = True
    number_name: ClassVar[str]  # the attribute that holds the number
    secret = frozenset({"hash_key"})

    closed: Mapped[bool] = mapped_column(default=False)
    delivered_at: Mapped[datetime.datetime | None]
    hash_key: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="draft")

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint("user_id", cls.number_name),
            UniqueConstraint("hash_key"),
            Index(None, "user_id", "client_id", "id"),
            *super().__table_args__,
        )

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign, number a new statement, and let the state follow."""
        values = dict(values)
        number = values.pop(self.number_name, None)
        super().change(values)
        if number and number != self.number:
            if self._taken([number]):
                raise ValidationError({self.number_name: ["has already been taken"]})
            self.number = number
        self.number = self.number or self._next_number()
        self.settle()

    @property
    def number(self) -> str:
        """The number, under whatever name."""
        return getattr(self, self.number_name)

    @number.setter
    def number(self, number: str) -> None:
        setattr(self, self.number_name, number)

    def settle(self) -> None:
        """Let the state follow from the rest."""
        delivered = self.delivered_at is not None
        self.state = totals.state(bool(self.closed), delivered, self.total_cents or 0, self.paid_cents or 0)

    def close(self) -> None:
        """Closed it stays, whatever is paid, until it is reopened."""
        self.closed = True
        self.settle()

    def reopen(self) -> None:
        """Back to the state that follows from the rest; one that is not closed stays as it is."""
        self.closed = False
        self.settle()

    def deliver(self) -> None:
        """Give it its public page, and count it as sent. A closed one stays closed."""
        self.delivered_at = self.delivered_at or now()
        self.hash_key = self.hash_key or "".join(secrets.choice(KEY_LETTERS) for _ in range(KEY_LENGTH))
        self.settle()

    def duplicate(self) -> Self:
        """A new draft of today with the next number: the same lines and terms, no payments, no page."""
        copy = self.copied_to(type(self))
        copy.number = copy._next_number()
        copy.settle()
        return copy

    @classmethod
    def in_main_sequence(cls) -> ColumnElement[bool]:
        """Which statements a new number follows."""
        return true()

    def free_from(self, number: str) -> str:
        """The number itself, or the next one after it that no statement has."""
        return self._first_free(chain([number], candidates(number)))

    def _next_number(self) -> str:
        """The number after that of the newest, or the next free one."""
        name, mine = getattr(type(self), self.number_name), type(self).user_id == self.user_id
        newest = select(name).where(mine, self.in_main_sequence()).order_by(type(self).id.desc()).limit(1)
        return self._first_free(candidates(db.session.scalar(newest)))

    def _first_free(self, numbers: Iterator[str]) -> str:
        while True:
            batch = list(islice(numbers, 100))
            taken = self._taken(batch)
            if free := next((number for number in batch if number not in taken), None):
                return free

    def _taken(self, numbers: list[str]) -> set[str]:
        name, mine = getattr(type(self), self.number_name), type(self).user_id == self.user_id
        return set(db.session.scalars(select(name).where(mine, name.in_(numbers))))
