"""Invoices: numbers, states, and what is paid and due."""

import datetime
from collections.abc import Mapping
from itertools import islice
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    ScalarSelect,
    String,
    UniqueConstraint,
    case,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from curdbee_compat import totals
from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id
from curdbee_compat.models.currency import Currency
from curdbee_compat.models.statement import LineItem, Statement
from curdbee_compat.numbering import candidates


class InvoiceLineItem(LineItem):
    """A line of an invoice."""

    __tablename__ = "invoice_line_items"
    __table_args__ = (
        ForeignKeyConstraint(["user_id", "invoice_id"], ["invoices.user_id", "invoices.id"]),
        Index(None, "user_id", "invoice_id", "id"),
        AUTOINCREMENT,
    )

    invoice_id: Mapped[int] = mapped_column(Id)


class Invoice(Statement):
    """A bill. Its state follows from what is closed, delivered, owed and paid; nobody sets it."""

    __tablename__ = "invoices"
    line_model = InvoiceLineItem

    invoice_no: Mapped[str] = mapped_column(String(255))
    allow_partial_payments: Mapped[bool] = mapped_column(default=False)
    paid_cents: Mapped[int] = mapped_column(Id, default=0)
    closed: Mapped[bool] = mapped_column(default=False)
    delivered_at: Mapped[datetime.datetime | None]
    hash_key: Mapped[str | None] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16), default="draft")

    line_items: Mapped[list[InvoiceLineItem]] = relationship(
        cascade="all, delete-orphan",
        order_by=lambda: InvoiceLineItem.in_order(),
    )
    payments: Mapped[list[Any]] = relationship("Payment", cascade="all, delete-orphan")

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            UniqueConstraint("user_id", "invoice_no"),
            UniqueConstraint("hash_key"),
            Index(None, "user_id", "client_id", "id"),
            *super().__table_args__,
        )

    @hybrid_property
    def due_cents(self) -> int:
        return totals.due_cents(self.total_cents or 0, self.paid_cents or 0)

    @due_cents.inplace.expression
    @classmethod
    def _due_cents(cls) -> ColumnElement[int]:
        return case((cls.total_cents > cls.paid_cents, cls.total_cents - cls.paid_cents), else_=0)

    @hybrid_property
    def currency_code(self) -> str:
        return self.currency.code

    @currency_code.inplace.expression
    @classmethod
    def _currency_code(cls) -> ScalarSelect[str]:
        return select(Currency.code).where(Currency.id == cls.currency_id).scalar_subquery()

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign, number a new invoice, and let the state follow."""
        values = dict(values)
        number = values.pop("invoice_no", None)
        super().change(values)
        if number and number != self.invoice_no:
            self._refuse_if_taken(number)
            self.invoice_no = number
        self.invoice_no = self.invoice_no or self._next_number()
        self._settle()

    def receive(self, cents: int) -> None:
        """Count money received, or taken back where negative. The caller holds the owner's lock."""
        self.paid_cents += cents
        self._settle()

    def _settle(self) -> None:
        delivered = self.delivered_at is not None
        self.state = totals.state(bool(self.closed), delivered, self.total_cents or 0, self.paid_cents or 0)

    def _refuse_if_taken(self, number: str) -> None:
        if db.session.scalar(select(Invoice.id).where(Invoice.user_id == self.user_id, Invoice.invoice_no == number)):
            raise ValidationError({"invoice_no": ["has already been taken"]})

    def _next_number(self) -> str:
        """The number after that of the newest invoice, or the next free one."""
        mine = Invoice.user_id == self.user_id
        last = db.session.scalar(select(Invoice.invoice_no).where(mine).order_by(Invoice.id.desc()).limit(1))
        following = candidates(last)
        while batch := list(islice(following, 100)):
            taken = set(db.session.scalars(select(Invoice.invoice_no).where(mine, Invoice.invoice_no.in_(batch))))
            if free := [number for number in batch if number not in taken]:
                return free[0]
        raise AssertionError("candidates() never ends")
