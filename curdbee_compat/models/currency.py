"""Currencies: a fixed table that the first migration fills; the same for every user."""

from sqlalchemy import ForeignKey, ScalarSelect, String, UniqueConstraint, select
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id


class Currency(db.Model):
    """An ISO 4217 currency. `minor_unit` is its number of decimals; amounts are kept in hundredths all the same."""

    __tablename__ = "currencies"
    __table_args__ = (UniqueConstraint("code"), AUTOINCREMENT)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    code: Mapped[str] = mapped_column(String(3))
    name: Mapped[str] = mapped_column(String(255))
    symbol: Mapped[str] = mapped_column(String(8))
    minor_unit: Mapped[int]

    @property
    def unit(self) -> int:
        """What amounts round to, in hundredths: 100 where there are no decimals, else 1."""
        return 100 if self.minor_unit == 0 else 1


class InCurrency:
    """What has amounts in a currency of its own, kept once it is made."""

    @declared_attr
    def currency_id(cls) -> Mapped[int]:
        return mapped_column(Id, ForeignKey("currencies.id"))

    @declared_attr
    def currency(cls) -> Mapped[Currency]:
        return relationship(Currency, load_on_pending=True)

    @hybrid_property
    def currency_symbol(self) -> str:
        return self.currency.symbol

    @currency_symbol.inplace.expression
    @classmethod
    def _currency_symbol(cls) -> ScalarSelect[str]:
        return select(Currency.symbol).where(Currency.id == cls.currency_id).scalar_subquery()
