"""A user of the served app with something to talk about."""

import json
from itertools import count
from typing import Any

import secrecy
from databases import Database
from factories import make_billed_invoice, make_client, make_user, token_of
from inprocess import basic
from served import Server

PASSWORD = secrecy.note("the password/of a shop & co")
_numbers = count(1)


class Shop:
    """A user made for one test. It has a client, and an invoice over 200.00."""

    def __init__(self, server: Server, database: Database) -> None:
        self._server = server
        self.name = f"shop-{next(_numbers)}"
        self.token = token_of(self.name)
        self.user_id = make_user(database, self.name, PASSWORD)
        # The token: each worker would have to verify the password of each shop, a tenth of a second a time.
        self.authorization = f"Authorization: {basic(self.token, 'X')}"
        self.client_id = make_client(database, self.user_id)
        self.invoice_id = make_billed_invoice(database, self.user_id, self.client_id)
        self.payments = f"/invoices/{self.invoice_id}/payments"

    def post(self, path: str, value: Any) -> Any:
        """Create, as any modern client does."""
        body = json.dumps(value).encode()
        reply = self._server.call(f"POST {path}", self.authorization, "Content-Type: application/json", body=body)
        assert reply.status == 201, reply
        return json.loads(reply.body)

    def pay(self, amount: str) -> int:
        """A payment of the invoice. Returns its id."""
        sent = {"payment": {"date": "2010-09-30", "amount": amount, "payment_method": "cash"}}
        return self.post(self.payments, sent)["payment"]["id"]

    def paid(self) -> list[dict[str, Any]]:
        """The payments of the invoice as they are now."""
        reply = self._server.call(f"GET {self.payments}.json", self.authorization)
        assert reply.status == 200, reply
        return [row["payment"] for row in json.loads(reply.body)]
