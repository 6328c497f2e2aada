"""What an invoice, an estimate and a recurring profile share: a client, lines, terms and the totals they come to."""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, ClassVar, TypeVar

from marshmallow import ValidationError
from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKeyConstraint,
    ScalarSelect,
    String,
    Text,
    UniqueConstraint,
    case,
    literal,
    select,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from curdbee_compat.extensions import db
from curdbee_compat.models.base import AUTOINCREMENT, Id, OwnedRecord, today
from curdbee_compat.models.client import Client
from curdbee_compat.models.currency import InCurrency
from curdbee_compat.money import formatted
from curdbee_compat.totals import Charge, Line, Terms, due_cents, line_total, totals

Copy = TypeVar("Copy", bound="Statement")
MAX_LINES = 10_000
COPIED = (
    *("client_id", "currency_id", "notes", "summary", "payment_options"),
    *("discount_rate", "discount_flat_cents", "shipping_rate", "shipping_flat_cents"),
    *("tax_rate", "tax2_rate", "tax2_compound"),
    *("sub_total_cents", "discount_cents", "tax_cents", "tax2_cents", "shipping_cents", "total_cents"),
)
COPIED_OF_LINE = ("name_and_description", "price_cents", "quantity", "unit", "sort_order", "total_cents")
TERMS = {"client_id", "discount", "shipping", "shipping_amount", "tax_rate", "tax2_rate", "tax2_compound"}


class LineItem(OwnedRecord):
    """A row of a statement. Quantities are kept in ten-thousandths."""

    __abstract__ = True

    name_and_description: Mapped[str] = mapped_column(Text)
    price_cents: Mapped[int] = mapped_column(Id)
    quantity: Mapped[int] = mapped_column(Id)
    unit: Mapped[str | None] = mapped_column(String(255))
    sort_order: Mapped[int | None] = mapped_column(Id)
    total_cents: Mapped[int] = mapped_column(Id)

    @classmethod
    def in_order(cls) -> tuple[ColumnElement[Any], ...]:
        """As the sender sorted them; those without a place come last, oldest first."""
        return cls.sort_order.is_(None), cls.sort_order.expression, cls.id.expression

    def place(self) -> tuple[bool, int]:
        """The same order for lines at hand, where a sort keeps the older first."""
        return self.sort_order is None, self.sort_order or 0

    def as_line(self) -> Line:
        """What the totals need of it."""
        return Line(price_cents=self.price_cents, quantity=self.quantity)


class Statement(InCurrency, OwnedRecord):
    """Something billed or offered to a client. A subclass has the relationship `line_items` to its `line_model`."""

    __abstract__ = True
    line_model: ClassVar[type[LineItem]]
    line_items: Mapped[list[Any]]

    client_id: Mapped[int] = mapped_column(Id)
    date: Mapped[datetime.date]
    due_date: Mapped[datetime.date | None]
    notes: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str | None] = mapped_column(Text)
    payment_options: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    discount_rate: Mapped[int] = mapped_column(Id, default=0)
    discount_flat_cents: Mapped[int] = mapped_column(Id, default=0)
    shipping_rate: Mapped[int] = mapped_column(Id, default=0)
    shipping_flat_cents: Mapped[int] = mapped_column(Id, default=0)
    tax_rate: Mapped[int] = mapped_column(Id, default=0)
    tax2_rate: Mapped[int] = mapped_column(Id, default=0)
    tax2_compound: Mapped[bool | None]
    sub_total_cents: Mapped[int] = mapped_column(Id, default=0)
    discount_cents: Mapped[int] = mapped_column(Id, default=0)
    tax_cents: Mapped[int] = mapped_column(Id, default=0)
    tax2_cents: Mapped[int] = mapped_column(Id, default=0)
    shipping_cents: Mapped[int] = mapped_column(Id, default=0)
    total_cents: Mapped[int] = mapped_column(Id, default=0)

    @declared_attr.directive
    def __table_args__(cls) -> tuple[Any, ...]:
        return (
            ForeignKeyConstraint(["user_id", "client_id"], ["clients.user_id", "clients.id"]),
            UniqueConstraint("user_id", "id"),
            AUTOINCREMENT,
        )

    @declared_attr
    def client(cls) -> Mapped[Client]:
        return relationship(Client, primaryjoin=f"Client.id == foreign({cls.__name__}.client_id)")

    @hybrid_property
    def client_name(self) -> str:
        return self.client.name

    @client_name.inplace.expression
    @classmethod
    def _client_name(cls) -> ScalarSelect[str]:
        return select(Client.name).where(Client.id == cls.client_id).scalar_subquery()

    @hybrid_property
    def paid_cents(self) -> int:
        """What was received for it; nothing, for all but invoices."""
        return 0

    @paid_cents.inplace.expression
    @classmethod
    def _paid_cents(cls) -> ColumnElement[int]:
        return literal(0)

    @hybrid_property
    def due_cents(self) -> int:
        return due_cents(self.total_cents or 0, self.paid_cents or 0)

    @due_cents.inplace.expression
    @classmethod
    def _due_cents(cls) -> ColumnElement[int]:
        return case((cls.total_cents > cls.paid_cents, cls.total_cents - cls.paid_cents), else_=0)

    @property
    def discount(self) -> Charge:
        """Taken off the sub-total: a percentage of it, or an amount."""
        return Charge(self.discount_rate or 0, self.discount_flat_cents or 0)

    @discount.setter
    def discount(self, charge: Charge) -> None:
        self.discount_rate, self.discount_flat_cents = charge.rate, charge.flat_cents

    @property
    def shipping(self) -> Charge:
        """Added untaxed: a percentage of the sub-total, or an amount."""
        return Charge(self.shipping_rate or 0, self.shipping_flat_cents or 0)

    @shipping.setter
    def shipping(self, charge: Charge) -> None:
        self.shipping_rate, self.shipping_flat_cents = charge.rate, charge.flat_cents

    def change(self, values: Mapping[str, Any]) -> None:
        """Assign; client first, for its currency; then lines; then what they come to, if that can have changed."""
        values = dict(values)
        lines = values.pop("line_items_attributes", None) or []
        affected = bool(lines) or not TERMS.isdisjoint(values)
        if "client_id" in values:
            self._bill(values.pop("client_id"))
        self._take_shipping_amount(values)
        super().change(values)
        self.date = self.date or today()
        self._change_lines(lines)
        if affected:
            self._total()

    def copied_to(self, model: type[Copy], date: datetime.date | None = None) -> Copy:
        """A new statement of another kind or the same: client, terms and lines; of today, due after the same term."""
        day = date or today()
        copy = model(user_id=self.user_id, date=day, **{name: getattr(self, name) for name in COPIED})
        copy.client, copy.currency = self.client, self.currency
        copy.due_date = self.due_date and day + (self.due_date - self.date)
        for line in self.line_items:
            values = {name: getattr(line, name) for name in COPIED_OF_LINE}
            copy.line_items.append(model.line_model(user_id=self.user_id, **values))
        db.session.add(copy)
        return copy

    def _bill(self, client_id: int) -> None:
        """The statement takes its client's currency when made and keeps it."""
        if client_id == self.client_id:
            return
        client = db.session.scalar(select(Client).where(Client.user_id == self.user_id, Client.id == client_id))
        if client is None or self.currency_id not in (None, client.currency_id):
            raise ValidationError({"client_id": ["is invalid"]})
        self.client, self.currency = client, client.currency
        self.client_id, self.currency_id = client.id, client.currency_id

    def _take_shipping_amount(self, values: dict[str, Any]) -> None:
        """`shipping_amount` is another name for `shipping`, but a record echoed whole carries it as it was shown:
        then it changes nothing."""
        value = values.pop("shipping_amount", None)
        if isinstance(value, Charge):
            values.setdefault("shipping", value)
        elif value is not None and value != formatted(self.shipping_cents or 0, self.currency.symbol):
            raise ValidationError({"shipping_amount": ["is not a number"]})

    def _change_lines(self, changes: Iterable[Mapping[str, Any]]) -> None:
        """A line without an id is appended, on an update too; one with an id is changed, or dropped by `_destroy`."""
        present = {line.id: line for line in self.line_items} if changes else {}
        for change in changes:
            values = dict(change)
            line_id, dropped = values.pop("id", None), values.pop("_destroy", False)
            if line_id is not None and line_id not in present:
                raise ValidationError({"line_items_id": ["is invalid"]})
            if dropped:
                if line_id is not None:
                    self.line_items.remove(present.pop(line_id))
                continue
            if line_id is None:
                line = self.line_model(user_id=self.user_id)
                self.line_items.append(line)
            else:
                line = present[line_id]
            line.change(values)
        if changes:
            self.line_items.sort(key=LineItem.place)
            if len(self.line_items) > MAX_LINES:
                raise ValidationError({"line_items": [f"is too long (maximum is {MAX_LINES} lines)"]})

    def _total(self) -> None:
        terms = Terms(
            discount=self.discount,
            shipping=self.shipping,
            tax_rate=self.tax_rate or 0,
            tax2_rate=self.tax2_rate or 0,
            tax2_compound=bool(self.tax2_compound),
            unit=self.currency.unit,
        )
        try:
            for line in self.line_items:
                line.total_cents = line_total(line.as_line(), terms.unit)
            result = totals((line.as_line() for line in self.line_items), terms)
        except OverflowError:
            raise ValidationError({"base": ["Total is too large"]}) from None
        for name, cents in asdict(result).items():
            setattr(self, name, cents)
