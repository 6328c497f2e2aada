"""Recurring profiles: what makes an invoice every so often, and when."""

import datetime
from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from curdbee_compat.models.base import AUTOINCREMENT, Id, today
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.statement import LineItem, Statement
from curdbee_compat.recurrence import DUE_TERMS, FREQUENCIES, MONTHLY, later

EARLIEST = datetime.timedelta(days=366)  # how far back a new profile may start


class RecurringProfileLineItem(LineItem):
    """A line that each invoice of the profile gets."""

    __tablename__ = "profile_line_items"
    __table_args__ = (
        ForeignKeyConstraint(
            ["user_id", "recurring_profile_id"],
            ["recurring_profiles.user_id", "recurring_profiles.id"],
            name="fk_profile_line_items_recurring_profile",  # Postgres cuts names off after 63 characters
        ),
        Index(None, "user_id", "recurring_profile_id", "id"),
        AUTOINCREMENT,
    )

    recurring_profile_id: Mapped[int] = mapped_column(Id)


class RecurringProfile(Statement):
    """The pattern of invoices to come. `iteration_no` counts those made; `next_billing_date` is null after the last."""

    __tablename__ = "recurring_profiles"
    line_model = RecurringProfileLineItem

    profile_name: Mapped[str] = mapped_column(String(255))
    invoice_no: Mapped[str | None] = mapped_column(String(200))  # leaves room for "-N"
    start_date: Mapped[datetime.date]
    next_billing_date: Mapped[datetime.date | None]
    frequency: Mapped[int] = mapped_column(default=MONTHLY)
    payment_due_term: Mapped[str | None] = mapped_column(String(255))
    occurences: Mapped[int] = mapped_column(Id, default=0)  # 0: without end
    iteration_no: Mapped[int] = mapped_column(Id, default=0)
    # The dates count from here, in steps of the frequency: the start, or where another frequency took over.
    anchor_date: Mapped[datetime.date]
    anchor_iteration: Mapped[int] = mapped_column(Id, default=0)
    save_as_draft: Mapped[bool] = mapped_column(default=False)

    line_items: Mapped[list[RecurringProfileLineItem]] = relationship(
        cascade="all, delete-orphan",
        order_by=lambda: RecurringProfileLineItem.in_order(),
    )

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            Index(None, "user_id", "client_id", "id"),
            Index(None, "next_billing_date"),
            *super().__table_args__,
        )

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign, and work out the next billing date anew. A new start may lie a year back at most."""
        start, frequency, new = self.start_date, self.frequency, self.id is None
        following = None if new else self._following()
        super().change(
            {"frequency": MONTHLY, "iteration_no": 0, "date": values.get("start_date"), **values} if new else values
        )
        if self.start_date != start:
            if self.start_date < today() - EARLIEST:
                raise ValidationError({"start_date": ["must not be more than a year ago"]})
            self.anchor_date, self.anchor_iteration = self.start_date, self.iteration_no
        elif self.frequency != frequency and following:
            self.anchor_date, self.anchor_iteration = following, self.iteration_no
        self.next_billing_date = self._next()

    def resume(self, day: datetime.date | None) -> None:
        """Go on from a billing date that was worked out elsewhere. The dates count from the start where that comes to
        the same, else from there."""
        self.anchor_date, self.anchor_iteration = self.start_date, 0
        if day and day != self._following():
            self.anchor_date, self.anchor_iteration = day, self.iteration_no
        self.next_billing_date = day

    def bill(self) -> Invoice:
        """The next invoice, of its billing date, and one step on. The caller holds the owner's lock."""
        date = self.next_billing_date
        assert date is not None
        invoice = self.copied_to(Invoice, date)
        invoice.due_date = self._due(date)
        self.iteration_no += 1
        invoice.recurring_profile_id, invoice.iteration_no = self.id, self.iteration_no
        invoice.change({"invoice_no": self._number(invoice)})
        self.next_billing_date = self._next()
        return invoice

    def _number(self, invoice: Invoice) -> str | None:
        """`BASE-N` outside the main sequence; without a base the main sequence numbers it."""
        return invoice.free_from(f"{self.invoice_no}-{self.iteration_no}") if self.invoice_no else None

    def _due(self, date: datetime.date) -> datetime.date | None:
        days = DUE_TERMS.get(self.payment_due_term or "")
        return None if days is None else later(date, days=days)

    def _next(self) -> datetime.date | None:
        """The date of the next invoice; none after the last."""
        return None if self.occurences and self.iteration_no >= self.occurences else self._following()

    def _following(self) -> datetime.date | None:
        """The date that comes next if one does; months count from the anchor, so a 31st stays one where it can."""
        _label, days, months = FREQUENCIES[self.frequency]
        steps = self.iteration_no - self.anchor_iteration
        return later(self.anchor_date, days * steps, months * steps)
