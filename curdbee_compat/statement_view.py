"""What the public page of an invoice or estimate and its PDF both show, as ready texts; knows neither HTML nor PDF."""

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from curdbee_compat import tenancy
from curdbee_compat.extensions import db, sent_again
from curdbee_compat.models.client import Client
from curdbee_compat.models.currency import Currency
from curdbee_compat.models.estimate import Estimate
from curdbee_compat.models.invoice import Invoice
from curdbee_compat.models.numbered import NumberedStatement
from curdbee_compat.models.statement import LineItem
from curdbee_compat.models.user import User
from curdbee_compat.money import bare
from curdbee_compat.totals import QUANTITY_SCALE, RATE_SCALE

PLACES: dict[str, type[NumberedStatement]] = {"inv": Invoice, "est": Estimate}  # first part of the path
KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")  # the original's keys had 8 characters of A-Z, a-z, 0-9
STATES = {"draft": "Draft", "sent": "Sent", "partial": "Partly paid", "paid": "Paid", "closed": "Closed"}
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


@dataclass(frozen=True)
class LineView:
    """A row. `name` is the first line of its text, `detail` the others; the amounts bear no symbol."""

    name: str
    detail: str
    quantity: str
    unit: str
    price: str
    total: str


@dataclass(frozen=True)
class Amount:
    """One row below the lines: "Tax (8.25%)", "$12.00"."""

    label: str
    text: str


@dataclass(frozen=True)
class StatementView:
    """A statement as its customer reads it. Texts keep their line ends as "\\n"; what is not there is ""."""

    kind: str  # "Invoice" or "Estimate"
    number: str
    sender: str
    sender_email: str
    client: str
    client_address: str
    date: datetime.date
    due_date: datetime.date | None
    state: str
    state_text: str
    summary: str
    notes: str
    currency: str  # the ISO code
    lines: list[LineView]
    parts: list[Amount]  # from the sub-total down to shipping
    total: Amount
    settlement: list[Amount]  # what is paid and what is due; none for an estimate
    headline: Amount  # the one figure that matters
    pay_by: datetime.date | None  # the due date, where something is due

    @property
    def has_units(self) -> bool:
        """Whether any row says what its quantity counts."""
        return any(line.unit for line in self.lines)


def find(place: str, key: str) -> StatementView | None:
    """The statement behind `/inv/KEY` or `/est/KEY`, whoever owns it. Two queries, however many lines."""
    if not KEY.fullmatch(key):
        return None
    tenancy.work_for(tenancy.of_page(key))
    model: Any = PLACES[place]
    query = (
        select(model, User, Client, Currency)
        .join(User, User.id == model.user_id)
        .join(Client, Client.id == model.client_id)
        .join(Currency, Currency.id == model.currency_id)
        .where(model.hash_key == key)
    )
    row = sent_again(lambda: db.session.execute(query).one_or_none())
    view = viewed(*row) if row else None
    db.session.rollback()  # a long PDF takes seconds to set, and nobody should wait for a connection meanwhile
    return view


def viewed(statement: NumberedStatement, user: User, client: Client, currency: Currency) -> StatementView:
    """The texts of a statement of this user for this client."""
    kind, symbol = type(statement).__name__, currency.symbol
    total = Amount("Total", grouped(statement.total_cents, symbol))
    settlement = []
    if isinstance(statement, Invoice):
        settlement = [
            Amount("Paid", grouped(statement.paid_cents, symbol)),
            Amount("Amount due", grouped(statement.due_cents, symbol)),
        ]
    return StatementView(
        kind=kind,
        number=unbroken(statement.number),
        sender=unbroken(user.name),
        sender_email=unbroken(user.email),
        client=unbroken(client.name),
        client_address=address(client),
        date=statement.date,
        due_date=statement.due_date,
        state=statement.state,
        state_text=STATES[statement.state],
        summary=text(statement.summary),
        notes=text(statement.notes),
        currency=currency.code,
        lines=[line_view(line) for line in statement.line_items],
        parts=list(parts(statement, symbol)),
        total=total,
        settlement=settlement,
        headline=settlement[-1] if settlement else total,
        pay_by=statement.due_date if settlement and statement.due_cents else None,
    )


def line_view(line: LineItem) -> LineView:
    """The texts of one row."""
    name, _, detail = text(line.name_and_description).partition("\n")
    return LineView(
        name=name,
        detail=detail,
        quantity=trimmed(line.quantity, QUANTITY_SCALE),
        unit=unbroken(line.unit),
        price=grouped(line.price_cents),
        total=grouped(line.total_cents),
    )


def parts(statement: NumberedStatement, symbol: str) -> Iterator[Amount]:
    """What makes the total: the sub-total always, the rest where it is not zero."""
    yield Amount("Sub-total", grouped(statement.sub_total_cents, symbol))
    compound = ", compound" if statement.tax2_compound else ""
    for label, rate, cents in (
        ("Discount", percent(statement.discount_rate), -statement.discount_cents),
        ("Tax", percent(statement.tax_rate), statement.tax_cents),
        ("Tax 2", percent(statement.tax2_rate) + compound, statement.tax2_cents),
        ("Shipping", percent(statement.shipping_rate), statement.shipping_cents),
    ):
        if cents:
            yield Amount(f"{label} ({rate})" if rate else label, grouped(cents, symbol))


def address(client: Client) -> str:
    """The lines of an address that are there: street, "City, Province ZIP", country."""
    region = " ".join(filter(None, [unbroken(client.province), unbroken(client.zip_code)]))
    town = ", ".join(filter(None, [unbroken(client.city), region]))
    return "\n".join(filter(None, [text(client.address), town, unbroken(client.country)]))


def day(date: datetime.date) -> str:
    """A date that reads the same everywhere: "1 August 2010"."""
    return f"{date.day} {MONTHS[date.month - 1]} {date.year}"


def grouped(cents: int, symbol: str = "") -> str:
    """For people: thousands apart, a true minus, and a space after a symbol that ends in a letter: "CHF 1,600.00"."""
    whole, hundredths = bare(abs(cents)).split(".")
    space = "\N{NO-BREAK SPACE}" if symbol[-1:].isalpha() else ""
    minus = "\N{MINUS SIGN}" if cents < 0 else ""
    return f"{minus}{symbol}{space}{int(whole):,}.{hundredths}"


def trimmed(value: int, scale: int) -> str:
    """value / scale without needless zeros; scale is a power of ten: (15_000, 10_000) is "1.5"."""
    whole, rest = divmod(abs(value), scale)
    decimals = f"{scale + rest}"[1:].rstrip("0")
    minus = "\N{MINUS SIGN}" if value < 0 else ""
    return f"{minus}{whole:,}.{decimals}" if decimals else f"{minus}{whole:,}"


def percent(rate: int) -> str:
    """A rate in thousandths of a percent as "8.25%"; none for zero."""
    return f"{trimmed(rate, RATE_SCALE)}%" if rate else ""


def text(value: str | None) -> str:
    """Text of several lines, each ended alike."""
    return "\n".join((value or "").strip().splitlines())


def unbroken(value: str | None) -> str:
    """Text of one line."""
    return " ".join((value or "").split())
