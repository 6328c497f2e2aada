"""Items: what a user sells, kept for reuse in line items."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id, OwnedRecord
from curdbee_compat.models.currency import Currency, InCurrency
from curdbee_compat.models.user import User
from curdbee_compat.money import formatted


class Item(InCurrency, OwnedRecord):
    """A catalogue entry, priced in its user's own currency."""

    __tablename__ = "items"
    __table_args__ = (UniqueConstraint("user_id", "id"), AUTOINCREMENT)

    name: Mapped[str] = mapped_column(String(255))
    description: Mapped[str | None] = mapped_column(Text)
    units: Mapped[str | None] = mapped_column(String(255))
    price_cents: Mapped[int] = mapped_column(Id, default=0)

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign; the price keeps the currency that the user had when the item was made."""
        values = dict(values)
        if self.currency_id is None:
            self.currency = db.session.get_one(Currency, db.session.get_one(User, self.user_id).currency_id)
        price = values.pop("price", None)
        if isinstance(price, str) and price != formatted(self.price_cents or 0, self.currency.symbol):
            raise ValidationError({"price": ["is not a number"]})
        if isinstance(price, int):
            self.price_cents = price
        super().change(values)
