"""Payments and how they were made. One row serves both APIs."""

import datetime
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError
from sqlalchemy import (
    Date,
    DateTime,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    bindparam,
    exists,
    false,
    select,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id, OwnedRecord, Record, now
from curdbee_compat.models.invoice import Invoice

RECENT = datetime.timedelta(minutes=5)
# The same words for SQLite and Postgres, for which SQLAlchemy has two constructs and would load both dialects.
NAME_METHOD = text(
    "INSERT INTO payment_methods (name, created_at, updated_at) VALUES (:name, :now, :now) ON CONFLICT DO NOTHING"
).bindparams(bindparam("now", type_=DateTime))


# The database finds out while it inserts the row, so that it costs no statement.
ALIKE = text(
    "EXISTS (SELECT 1 FROM payments AS same WHERE same.user_id = :same_user AND same.invoice_id = :same_invoice"
    " AND same.created_at > :same_since AND same.created_by = :same_sender AND same.amount_cents = :same_cents"
    " AND same.date = :same_date AND coalesce(same.payment_method_id, 0) = coalesce(:same_method, 0))"
).bindparams(
    bindparam("same_user", type_=Id),
    bindparam("same_invoice", type_=Id),
    bindparam("same_since", type_=DateTime),
    bindparam("same_sender", type_=String),
    bindparam("same_cents", type_=Id),
    bindparam("same_date", type_=Date),
    bindparam("same_method", type_=Id),
)


class PaymentMethod(Record):
    """A way of paying, shared by all users. The public API names it, the admin API numbers it."""

    __tablename__ = "payment_methods"
    __table_args__ = (UniqueConstraint("name"), AUTOINCREMENT)

    name: Mapped[str] = mapped_column(String(255))

    @classmethod
    def named(cls, name: str) -> "PaymentMethod":
        """The method of exactly this name, made on first use; two first uses at once make one row."""
        met = (one for one in db.session if isinstance(one, cls) and one.name == name)
        if method := next(met, None) or db.session.scalar(METHOD, {"name": name}):
            return method
        db.session.execute(NAME_METHOD, {"name": name, "now": now()})
        return db.session.scalars(METHOD, {"name": name}).one()

    def change(self, values: Mapping[str, Any]) -> None:
        """Rename, unless the method is in use or another has the name."""
        name = values.get("name", self.name)
        if name == self.name:
            return
        self._refuse_if_used()
        if db.session.scalar(select(exists().where(PaymentMethod.name == name))):
            raise ValidationError({"name": ["has already been taken"]})
        self.name = name

    def destroy(self) -> None:
        """Delete, unless the method is in use."""
        self._refuse_if_used()
        super().destroy()

    def _refuse_if_used(self) -> None:
        """The row is locked against new payments first; their foreign keys wait for it."""
        if self.id is None:
            return
        db.session.execute(select(PaymentMethod.id).where(PaymentMethod.id == self.id).with_for_update())
        if db.session.scalar(select(exists().where(Payment.payment_method_id == self.id))):
            raise ValidationError({"base": ["Payment method is in use"]})


METHOD = select(PaymentMethod).where(PaymentMethod.name == bindparam("name"))


class Payment(OwnedRecord):
    """Money received for an invoice. Every change of an amount reaches the invoice in the same transaction."""

    __tablename__ = "payments"
    by_name: ClassVar = {"payment_method": PaymentMethod}
    computed: ClassVar = {"possible_duplicate": ALIKE}
    unaudited = frozenset({*Record.unaudited, "created_by", "possible_duplicate"})
    __table_args__ = (
        ForeignKeyConstraint(["user_id", "invoice_id"], ["invoices.user_id", "invoices.id"]),
        Index(None, "user_id", "invoice_id", "id"),
        Index(None, "payment_method_id"),
        Index(None, "user_id", "invoice_id", "created_at"),
        AUTOINCREMENT,
    )

    invoice_id: Mapped[int] = mapped_column(Id)
    amount_cents: Mapped[int] = mapped_column(Id)
    payment_method_id: Mapped[int | None] = mapped_column(Id, ForeignKey("payment_methods.id"))
    date: Mapped[datetime.date]
    accounted: Mapped[bool] = mapped_column(default=False)
    created_by: Mapped[str | None] = mapped_column(String(64))  # user id and kind of credential
    possible_duplicate: Mapped[bool] = mapped_column(default=False, server_default=false())

    invoice: Mapped[Invoice] = relationship(
        primaryjoin="foreign(Payment.invoice_id) == Invoice.id", viewonly=True, load_on_pending=True
    )
    method: Mapped[PaymentMethod | None] = relationship(load_on_pending=True)

    @property
    def payment_method(self) -> str | None:
        """The name of the method."""
        return self.method.name if self.method else None

    @payment_method.setter
    def payment_method(self, name: str | None) -> None:
        present = self.__dict__.get("method")  # where it is known: asking for it would read it
        if not present or present.name != name:
            self.method = PaymentMethod.named(name) if name else None
        self.payment_method_id = self.method.id if self.method else None

    @hybrid_property
    def balance_cents(self) -> int:
        """What is still due on the invoice now; the same on each of its payments."""
        return self.invoice.due_cents

    @balance_cents.inplace.expression
    @classmethod
    def _balance_cents(cls) -> Any:
        """Payments are always selected together with their invoice."""
        return Invoice.due_cents

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign, and settle the invoice by the difference."""
        method_id = values.get("payment_method_id")
        if method_id is not None and not db.session.get(PaymentMethod, method_id):
            raise ValidationError({"payment_method_id": ["is invalid"]})
        before = self.amount_cents or 0
        super().change(values)
        self.invoice.receive(self.amount_cents - before)

    def sent_by(self, credential: str) -> dict[str, Any]:
        """Who created it, and by which kind of credential. What ALIKE is to look for: whether the same credential sent
        the same moments ago, perhaps as a client that saw no answer."""
        self.created_by = credential
        return {
            "same_user": self.user_id,
            "same_invoice": self.invoice_id,
            "same_since": now() - RECENT,
            "same_sender": credential,
            "same_cents": self.amount_cents,
            "same_date": self.date,
            "same_method": self.payment_method_id,
        }

    def destroy(self) -> None:
        """Delete, and take the amount back from the invoice."""
        self.invoice.receive(-self.amount_cents)
        super().destroy()
