"""Estimates: offers that can become invoices."""

from typing import Any

from marshmallow import ValidationError
from sqlalchemy import ForeignKeyConstraint, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from curdbee_compat.models.base import AUTOINCREMENT, Id
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.numbered import NumberedStatement
from curdbee_compat.models.statement import LineItem


class EstimateLineItem(LineItem):
    """A line of an estimate."""

    __tablename__ = "estimate_line_items"
    __table_args__ = (
        ForeignKeyConstraint(["user_id", "estimate_id"], ["estimates.user_id", "estimates.id"]),
        Index(None, "user_id", "estimate_id", "id"),
        AUTOINCREMENT,
    )

    estimate_id: Mapped[int] = mapped_column(Id)


class Estimate(NumberedStatement):
    """An offer. Nothing is paid for it."""

    __tablename__ = "estimates"
    line_model = EstimateLineItem
    number_name = "estimate_no"

    estimate_no: Mapped[str] = mapped_column(String(255))
    converted: Mapped[bool] = mapped_column(default=False)

    line_items: Mapped[list[EstimateLineItem]] = relationship(
        cascade="all, delete-orphan",
        order_by=lambda: EstimateLineItem.in_order(),
    )

    def convert(self) -> Invoice:
        """An invoice of today with the next invoice number; the estimate is closed. Once only."""
        if self.converted:
            raise ValidationError({"base": ["Estimate has been converted already"]})
        invoice: Any = self.copied_to(Invoice)
        invoice.change({})
        self.converted = True
        self.close()
        return invoice
