"""A user with one record of each kind, who sends what was made at random, and what must hold of every answer."""

import json
import secrets
import time
import xml.etree.ElementTree as ElementTree
from collections import Counter
from dataclasses import dataclass, field

import sqlalchemy as sa
from databases import Database
from factories import make_user, token_of
from inprocess import basic
from kinds import SOON

from fuzz.exchange import Answer, Peer, Request

LINE = {"name_and_description": "Work", "price": "200.00", "quantity": 1}
VERSION = sa.text("SELECT version FROM users WHERE id = :id")
JSON_TYPE = (("Content-Type", "application/json"),)


@dataclass
class Tally:
    """What was sent, and how it was answered."""

    statuses: Counter[int] = field(default_factory=Counter)
    mismatches: int = 0
    longest: float = 0.0  # seconds

    def count(self, status: int, began: float) -> None:
        """One more answer, to a request that was sent at `began` of the monotonic clock."""
        self.statuses[status] += 1
        self.longest = max(self.longest, time.monotonic() - began)

    def of_class(self, hundred: int) -> int:
        """How many answers were 2xx, 4xx, …"""
        return sum(many for status, many in self.statuses.items() if status // 100 == hundred)


class Ground:
    """An administrator made for this, so that one user may call both APIs. `ids` are those of its records by noun."""

    def __init__(self, peer: Peer, database: Database, tally: Tally) -> None:
        name = f"fuzz-{secrets.token_hex(4)}"
        self.peer, self.tally, self._database = peer, tally, database
        self.user_id = make_user(database, name, "secret", admin=True)
        self.authorization = basic(token_of(name), "X")
        self.ids: dict[str, int] = {"users": self.user_id}
        self.replenish()

    def replenish(self) -> None:
        """One more record of each kind, for requests delete them."""
        client = self._made("/clients", "client", {"name": "Acme", "email": "office@acme.test"})
        statement = {"client_id": client, "line_items_attributes": [LINE]}
        profile = {**statement, "profile_name": "Rent", "start_date": SOON}
        invoice = self._made("/invoices", "invoice", statement)
        paid = {"date": "2010-09-25", "amount": "50.00", "payment_method": "cash"}
        payment = self._made(f"/invoices/{invoice}/payments", "payment", paid)
        self.ids |= {
            "clients": client,
            "invoices": invoice,
            "payments": payment,
            "invoice_payments": payment,
            "estimates": self._made("/estimates", "estimate", statement),
            "items": self._made("/items", "item", {"name": "Work", "price": "5.00"}),
            "recurring_profiles": self._made("/recurring_profiles", "recurring_profile", profile),
            "payment_methods": self._made("/admin/payment_methods", "payment_method", {"name": secrets.token_hex(8)}),
        }

    def _made(self, path: str, root: str, values: object) -> int:
        sent = json.dumps({root: values}).encode()
        answer = self.peer.send(Request("POST", path, JSON_TYPE, sent), self.authorization)
        assert answer.status == 201, answer
        return json.loads(answer.body)[root]["id"]

    def values(self, path: str) -> dict[str, int]:
        """For each variable of a path of the document, the id of a record."""
        parts = path.split("/")
        nouns = {part[1:-1]: parts[place - 1] for place, part in enumerate(parts) if part.startswith("{")}
        nouns |= {"invoice_id": "invoices"} if "invoice_id" in nouns else {}
        return {name: self.ids[noun if noun in self.ids else f"{noun}s"] for name, noun in nouns.items()}

    def version(self) -> int:
        """That of the user's data: it rises with every change."""
        with self._database.engine.connect() as connection:
            return connection.execute(VERSION, {"id": self.user_id}).scalar_one()

    def exchange(self, request: Request) -> Answer:
        """Send it, and check what must hold whatever it was."""
        before, began = self.version(), time.monotonic()
        answer = self.peer.send(request, self.authorization)
        self.tally.count(answer.status, began)
        shown = f"{answer}\n{request.curl(self.authorization)}"
        assert answer.status < 500, shown
        assert answer.status < 300 or self.version() == before, f"changed something, and yet: {shown}"
        assert readable(answer), shown
        assert is_whole(request, answer), shown
        return answer


def readable(answer: Answer) -> bool:
    """Whether the body is what its type says."""
    kind = answer.headers.get("content-type", "").partition(";")[0]
    try:
        if answer.body and kind == "application/json":
            json.loads(answer.body)
        if answer.body and kind == "application/xml":
            ElementTree.fromstring(answer.body)
    except (ValueError, ElementTree.ParseError):
        return False
    return kind in ("application/json", "application/xml", "text/csv") or not answer.body


def is_whole(request: Request, answer: Answer) -> bool:
    """Whether as many bytes came as were announced; after HEAD and 304 none."""
    if request.method == "HEAD" or answer.status in (204, 304):
        return answer.body == b""
    return int(answer.headers["content-length"]) == len(answer.body)
