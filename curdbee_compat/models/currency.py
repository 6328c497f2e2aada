"""Currencies: a fixed table that the first migration fills; the same for every user."""

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

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
