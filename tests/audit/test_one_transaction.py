"""What is changed and what is told of it are one transaction: where the trail takes no entry, nothing has changed."""

from collections.abc import Iterator

import pytest
from actions import Asked
from backups import rows
from databases import Database, changed
from inprocess import Http
from tables import by_row

PAYMENT = {"date": "2010-09-30", "amount": "1.00"}
BELOW = "/admin/invoices/1/invoice_payments"
BATCH = {"batch_action": "mark_accounted", "collection_selection": [1]}
REFUSING = {
    "sqlite": [
        "CREATE TRIGGER refusing BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'refused by the trail'); END"
    ],
    "postgres": [
        "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'refused by the trail'; END $$",
        "CREATE TRIGGER refusing BEFORE INSERT ON audit_entries FOR EACH ROW EXECUTE FUNCTION refuse()",
    ],
}
TAKING = {"sqlite": ["DROP TRIGGER refusing"], "postgres": ["DROP FUNCTION refuse() CASCADE"]}
REFUSED = {"sqlite": 409, "postgres": 500}


@pytest.fixture
def refusing(database: Database, backend: str, payment: str, admin: Http) -> Iterator[None]:
    """A trail that takes no entry, in a database with a client, an invoice and a payment."""
    with changed(database, REFUSING[backend], TAKING[backend]):
        yield


@by_row(
    "asked",
    {
        "a payment": Asked("POST", "/invoices/1/payments", {"payment": PAYMENT}),
        "by a new method": Asked("POST", "/invoices/1/payments", {"payment": PAYMENT | {"payment_method": "IOU"}}),
        "an admin's": Asked("POST", BELOW, {"invoice_payment": {"date": "2010-09-30", "amount_cents": 100}}),
        "a payment changed": Asked("PUT", "/invoices/1/payments/1", {"payment": {"amount": "1.00"}}),
        "a payment deleted": Asked("DELETE", "/invoices/1/payments/1"),
        "a batch": Asked("POST", f"{BELOW}/batch_action", BATCH),
        "a client": Asked("POST", "/clients", {"client": {"name": "Ann"}}),
        "a client changed": Asked("PUT", "/clients/1", {"client": {"name": "Ann"}}),
        "an invoice": Asked("POST", "/invoices", {"invoice": {"client_id": 1}}),
    },
)
def test_what_cannot_be_told_is_not_done(
    refusing: None, http: Http, admin: Http, database: Database, backend: str, asked: Asked
) -> None:
    before = rows(database.engine)
    assert asked.answered(http, admin).status_code == REFUSED[backend]
    assert rows(database.engine) == before
