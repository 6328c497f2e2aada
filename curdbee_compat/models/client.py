"""Clients: the customers a user bills."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import ScalarSelect, String, Text, UniqueConstraint, exists, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from curdbee_compat.extensions import db, rollback
from curdbee_compat.models.base import AUTOINCREMENT, OwnedRecord
from curdbee_compat.models.currency import Currency, InCurrency
from curdbee_compat.models.user import User

STATEMENTS = ("invoices", "estimates", "recurring_profiles")


class Client(InCurrency, OwnedRecord):
    """A customer. Its currency is copied into every statement made for it."""

    __tablename__ = "clients"
    __table_args__ = (UniqueConstraint("user_id", "id"), AUTOINCREMENT)

    name: Mapped[str] = mapped_column(String(255))
    email: Mapped[str | None] = mapped_column(String(255))
    address: Mapped[str | None] = mapped_column(Text)
    city: Mapped[str | None] = mapped_column(String(255))
    province: Mapped[str | None] = mapped_column(String(255))
    zip_code: Mapped[str | None] = mapped_column(String(255))
    country: Mapped[str | None] = mapped_column(String(255))
    phone: Mapped[str | None] = mapped_column(String(255))
    fax: Mapped[str | None] = mapped_column(String(255))
    custom_field_name: Mapped[str | None] = mapped_column(String(255))
    custom_field_value: Mapped[str | None] = mapped_column(String(255))

    @hybrid_property
    def currency_name(self) -> str:
        return self.currency.name

    @currency_name.inplace.expression
    @classmethod
    def _currency_name(cls) -> ScalarSelect[str]:
        return select(Currency.name).where(Currency.id == cls.currency_id).scalar_subquery()

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign; without a currency the user's own serves."""
        values = dict(values)
        chosen = values.pop("currency_id", None)
        if chosen is None:
            chosen = self.currency_id or db.session.get_one(User, self.user_id).currency_id
        if not (currency := db.session.get(Currency, chosen)):
            raise ValidationError({"currency_id": ["is invalid"]})
        self.currency = currency
        super().change(values)

    def destroy(self) -> None:
        """Delete, unless a statement names the client (the foreign keys refuse that too)."""
        for name in STATEMENTS:
            table = db.metadata.tables[name]
            if db.session.scalar(select(exists().where(table.c.user_id == self.user_id, table.c.client_id == self.id))):
                raise ValidationError({"base": [f"Client has {name.replace('_', ' ')}"]})
        try:
            super().destroy()
            db.session.flush()
        except IntegrityError:
            rollback()
            raise ValidationError({"base": ["Client has invoices"]}) from None
