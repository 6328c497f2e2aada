"""What is measured: each request, what happens between two of them, and how much each may cost."""

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from bench import rows

# What another process does between two requests. The first makes the next read of this user's data a first one; that
# SQLite then reads its pages anew, the application and the limit both pay for.
CHANGED = f"UPDATE users SET version = version + 1 WHERE id = {rows.MEASURED}"
FORGIVEN = "DELETE FROM login_failures"
TYPES = {"json": "application/json", "xml": "application/xml"}
SIZES = {20: rows.LIST_20, 200: rows.LIST_200, 1000: rows.LIST_1000}
SENT = {"date": "2010-09-30", "amount": "10.00", "payment_method": rows.METHODS[0]}


@dataclass(frozen=True)
class Request:
    """One request, but for what every client sends."""

    path: str
    user: str = rows.name(rows.MEASURED)
    password: str = rows.PASSWORD
    method: str = "GET"
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def all_headers(self) -> dict[str, str]:
        """With the credentials."""
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {pair}", **self.headers}


@dataclass(frozen=True)
class Budget:
    """How many times the cost of the limit's own answer, or of another scenario here, is still good."""

    most: float
    beside: str = ""


@dataclass(frozen=True)
class Scenario:
    """A request sent again and again. `limit` is what the limit is asked meanwhile; None where it has no such thing."""

    name: str
    request: Request
    limit: Request | None = None
    status: int = 200
    between: str = ""
    budget: Budget | None = None
    revalidates: bool = False  # sends the ETag of the answer before
    throttled: bool = False  # asked by somebody who has guessed too often
    hashes: bool = False  # takes a tenth of a second, so few at a time
    unaudited: bool = False  # in process only: without the audit trail, which the limit has not


def _reads() -> dict[str, Request]:
    """Everything that is read, by name."""
    lists = {
        f"list of {size:,} {suffix}": Request(f"/invoices/{invoice}/payments.{suffix}")
        for size, invoice in SIZES.items()
        for suffix in ("json", "xml")
    }
    # The payments of the first invoice are the first there are.
    one = {f"one payment {suffix}": Request(f"/invoices/{rows.LIST_20}/payments/7.{suffix}") for suffix in TYPES}
    admin = Request(f"/admin/invoices/{rows.ADMIN_30}/invoice_payments.json", rows.name(rows.ADMIN))
    return {**lists, **one, "20 invoices with lines json": Request("/invoices.json"), "admin list of 30 json": admin}


READS = _reads()
FIRST = {"list of 20 json": 4.0, "list of 200 json": 1.6, "one payment json": 9.0}
REPEATED = {"list of 20 json": 3.0, "list of 200 json": 0.45, "list of 1,000 json": 0.12}


def first_read(name: str) -> Scenario:
    """A read whose like was not asked since the data changed."""
    budget = Budget(FIRST[name]) if name in FIRST else None
    if name.endswith("xml"):
        budget = Budget(1.1, f"first: {name.replace('xml', 'json')}")
    return Scenario(f"first: {name}", READS[name], READS[name], between=CHANGED, budget=budget)


def repeated_read(name: str) -> Scenario:
    """The same read again, and nothing has changed. The limit keeps no answers."""
    budget = Budget(REPEATED[name]) if name in REPEATED else None
    return Scenario(f"again: {name}", READS[name], READS[name], budget=budget)


def revalidation(name: str) -> Scenario:
    """The same again by a client that has the answer. Beside it stands the limit's whole answer."""
    again = repeated_read(name)
    return replace(again, name=f"304: {name}", status=304, revalidates=True)


def create(suffix: str, body: bytes, invoice: int) -> Scenario:
    """A payment more on an invoice that no other scenario reads."""
    path = f"/invoices/{invoice}/payments.{suffix}"
    request = Request(path, method="POST", body=body, headers={"Content-Type": TYPES[suffix]})
    return Scenario(f"create {suffix}", request, request, status=201)


def unaudited(audited: Scenario) -> Scenario:
    """The same without the audit trail: what the budget speaks of."""
    return replace(audited, name=f"{audited.name}, no audit", budget=Budget(5.0), unaudited=True)


def xml(sent: Mapping[str, str]) -> bytes:
    """A payment as ActiveResource sends it; no value here needs more than an & escaped."""
    fields = "".join(
        f"<{name.replace('_', '-')}>{value.replace('&', '&amp;')}</{name.replace('_', '-')}>"
        for name, value in sent.items()
    )
    return f'<?xml version="1.0" encoding="UTF-8"?><payment>{fields}</payment>'.encode()


def _guess(user: str) -> Request:
    return Request(f"/invoices/{rows.LIST_20}/payments.json", user, "wrong")


GUESSES = {"wrong password": _guess(rows.name(3)), "unknown user": _guess("nobody")}
CREATES = (
    create("json", json.dumps({"payment": SENT}).encode(), rows.WRITTEN_JSON),
    create("xml", xml(SENT), rows.WRITTEN_XML),
)
SCENARIOS: Sequence[Scenario] = (
    *map(first_read, READS),
    *map(repeated_read, READS),
    *map(revalidation, REPEATED),
    *CREATES,
    *map(unaudited, CREATES),
    *(Scenario(f"{name}, throttled", guess, status=429, throttled=True) for name, guess in GUESSES.items()),
    *(Scenario(name, guess, status=401, between=FORGIVEN, hashes=True) for name, guess in GUESSES.items()),
)
