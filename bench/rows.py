"""The rows that are measured on: for each size the same, but for how many other payments lie around them."""

import datetime
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

Rows = Iterator[tuple[Any, ...]]

PASSWORD = "bench-password"
USERS = 100
MEASURED, ADMIN = 1, 2  # ids of users; the first owns what is read
# Invoices of the measured user and their payments. The list of invoices shows these 20.
LIST_20, LIST_200, LIST_1000, ADMIN_30, WRITTEN_JSON, WRITTEN_XML, OWN_INVOICES = 1, 2, 3, 4, 5, 6, 20
PAYMENTS_OF = {LIST_20: 20, LIST_200: 200, LIST_1000: 1000, ADMIN_30: 30, WRITTEN_JSON: 1, WRITTEN_XML: 1}
OTHERS_PAYMENTS = {"small": 1_000, "medium": 100_000, "large": 1_000_000}
PAYMENTS_EACH = 10  # of any other invoice
METHODS = ("Visa & Mastercard", "Überweisung", "Wire transfer", "Postal order")  # one needs escaping, one is not ASCII
FIRST_METHOD = 101  # the migrations make some themselves
MADE = "2010-08-24 01:47:50.000000"
US_DOLLAR = 150


@dataclass(frozen=True)
class Table:
    """Rows for one table, in the order of `columns`."""

    name: str
    columns: str
    rows: Rows

    def insert(self, mark: str) -> str:
        """The statement that takes one row; `mark` is the driver's placeholder."""
        marks = ", ".join([mark] * len(self.columns.split(",")))
        return f"INSERT INTO {self.name} ({self.columns}) VALUES ({marks})"


def tables(size: str) -> Sequence[Table]:
    """Every table that is filled, in an order that foreign keys allow."""
    others = OTHERS_PAYMENTS[size]
    return (
        Table("payment_methods", "id, name, created_at, updated_at", methods()),
        Table(
            "users",
            "id, name, login, password_hash, token_digest, admin, disabled, currency_id, version,"
            " created_at, updated_at",
            users(),
        ),
        Table("clients", "id, user_id, name, currency_id, created_at, updated_at", clients()),
        Table(
            "invoices",
            "id, user_id, invoice_no, client_id, date, due_date, paid_cents, state, sub_total_cents, total_cents,"
            " notes, currency_id, allow_partial_payments, closed, discount_rate, discount_flat_cents, shipping_rate,"
            " shipping_flat_cents, tax_rate, tax2_rate, discount_cents, tax_cents, tax2_cents, shipping_cents,"
            " created_at, updated_at",
            invoices(others),
        ),
        Table(
            "invoice_line_items",
            "user_id, invoice_id, name_and_description, price_cents, quantity, unit, sort_order, total_cents,"
            " created_at, updated_at",
            lines(others),
        ),
        Table(
            "payments",
            "user_id, invoice_id, amount_cents, payment_method_id, date, accounted, created_at, updated_at",
            payments(others),
        ),
    )


def name(user_id: int) -> str:
    """What a user is called."""
    return f"user{user_id}"


def token(user_id: int) -> str:
    """Their API token."""
    return f"bench-token-{user_id:08d}"


def password_hash() -> str:
    """One for all users, and the same in each database: a salt of its own for each would take ten seconds."""
    salt = "bench-salt"
    key = hashlib.scrypt(PASSWORD.encode(), salt=salt.encode(), n=2**15, r=8, p=1, maxmem=2**26)
    return f"scrypt:32768:8:1${salt}${key.hex()}"


def methods() -> Rows:
    """Ways of paying."""
    for place, method in enumerate(METHODS):
        yield FIRST_METHOD + place, method, MADE, MADE


def users() -> Rows:
    """Everybody has the same password."""
    kept = password_hash()
    for id in range(1, USERS + 1):
        digest = hashlib.sha256(token(id).encode()).hexdigest()
        yield id, name(id), name(id), kept, digest, id == ADMIN, False, US_DOLLAR, 0, MADE, MADE


def clients() -> Rows:
    """One for each user, with the same id."""
    for id in range(1, USERS + 1):
        yield id, id, f"Client of {name(id)}", US_DOLLAR, MADE, MADE


def owners(others: int) -> Iterator[tuple[int, int, int]]:
    """Id, user and number of payments of each invoice; those of others go round all users."""
    for id in range(1, OWN_INVOICES + 1):
        yield id, MEASURED, PAYMENTS_OF.get(id, 0)
    for place in range(others // PAYMENTS_EACH):
        yield OWN_INVOICES + 1 + place, place % USERS + 1, PAYMENTS_EACH


def amount(place: int) -> int:
    """Cents of the payment at that place among those of its invoice."""
    return 1000 + place * 37 % 9000


def line_prices(id: int) -> tuple[int, int]:
    """Cents of an invoice's two lines, of which the second is sold twice and a half."""
    return (10**11 if id <= OWN_INVOICES else 80_000), 4_000


def invoices(others: int) -> Rows:
    """Partly paid, or drafts where nothing is paid. The measured user's are dear enough never to be paid in full."""
    for id, user_id, count in owners(others):
        first, second = line_prices(id)
        total, paid = first + second * 5 // 2, sum(map(amount, range(count)))
        what = (id, user_id, f"INV-{id}", user_id, "2010-08-01", "2010-08-31", paid, "partial" if paid else "draft")
        yield *what, total, total, "Thank you", US_DOLLAR, True, False, *([0] * 10), MADE, MADE


def lines(others: int) -> Rows:
    """Two for each invoice."""
    for id, user_id, _ in owners(others):
        first, second = line_prices(id)
        yield user_id, id, "Web site", first, 10_000, None, 1, first, MADE, MADE
        yield user_id, id, "Changes & additions", second, 25_000, "hours", 2, second * 5 // 2, MADE, MADE


def payments(others: int) -> Rows:
    """Those of one invoice follow each other, as if it was paid at once: a list is few pages, whatever the size."""
    days = [(datetime.date(2010, 9, 1) + datetime.timedelta(days)).isoformat() for days in range(365)]
    for invoice_id, user_id, count in owners(others):
        for place in range(count):
            method = FIRST_METHOD + place % 5 if place % 5 < len(METHODS) else None
            yield user_id, invoice_id, amount(place), method, days[place % 365], place % 2 == 1, MADE, MADE
