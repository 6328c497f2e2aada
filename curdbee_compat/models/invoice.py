"""Invoices: what is paid and due, and which profile made them."""

from typing import Any, Self

from sqlalchemy import (
    ColumnElement,
    ForeignKeyConstraint,
    Index,
    ScalarSelect,
    String,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from curdbee_compat.models.base import AUTOINCREMENT, Id
from curdbee_compat.models.currency import Currency
from curdbee_compat.models.numbered import NumberedStatement
from curdbee_compat.models.statement import LineItem


class InvoiceLineItem(LineItem):
    """A line of an invoice."""

    __tablename__ = "invoice_line_items"
    __table_args__ = (
        ForeignKeyConstraint(["user_id", "invoice_id"], ["invoices.user_id", "invoices.id"]),
        Index(None, "user_id", "invoice_id", "id"),
        AUTOINCREMENT,
    )

    invoice_id: Mapped[int] = mapped_column(Id)


class Invoice(NumberedStatement):
    """A bill."""

    __tablename__ = "invoices"
    line_model = InvoiceLineItem
    number_name = "invoice_no"

    invoice_no: Mapped[str] = mapped_column(String(255))
    allow_partial_payments: Mapped[bool] = mapped_column(default=False)
    paid_cents: Mapped[int] = mapped_column(Id, default=0)
    # Set together for an invoice that a profile made. The profile may be deleted later; the invoice stays billed.
    recurring_profile_id: Mapped[int | None] = mapped_column(Id)
    iteration_no: Mapped[int | None] = mapped_column(Id)

    line_items: Mapped[list[InvoiceLineItem]] = relationship(
        cascade="all, delete-orphan",
        order_by=lambda: InvoiceLineItem.in_order(),
    )
    payments: Mapped[list[Any]] = relationship("Payment", cascade="all, delete-orphan")

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return Index(None, "recurring_profile_id", "iteration_no", unique=True), *super().__table_args__

    @hybrid_property
    def currency_code(self) -> str:
        return self.currency.code

    @currency_code.inplace.expression
    @classmethod
    def _currency_code(cls) -> ScalarSelect[str]:
        return select(Currency.code).where(Currency.id == cls.currency_id).scalar_subquery()

    @classmethod
    def in_main_sequence(cls) -> ColumnElement[bool]:
        """All but those of profiles, whose numbers are their own."""
        return cls.recurring_profile_id.is_(None)

    def duplicate(self) -> Self:
        """As any; partial payments stay allowed."""
        copy = super().duplicate()
        copy.allow_partial_payments = self.allow_partial_payments
        return copy

    def receive(self, cents: int) -> None:
        """Count money received, or taken back where negative. The caller holds the owner's lock."""
        self.paid_cents += cents
        self.settle()
