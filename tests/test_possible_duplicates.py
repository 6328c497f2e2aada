"""A payment that looks sent twice is taken, as ever, and flagged for whoever keeps the books."""

import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from factories import make_invoice, token_of
from inprocess import Http
from tables import by_row

from curdbee_compat.models.base import now
from curdbee_compat.models.payment import Payment

GOOD = {"date": "2010-09-30", "amount": "50.00", "payment_method": "cash"}
LIST = "/admin/invoices/1/invoice_payments"


def flags(admin: Http, query: str = "?order=id_asc") -> list[bool]:
    """Which payments of the invoice are flagged, in the order of the ids."""
    return [row.get("possible_duplicate", False) for row in admin.get(f"{LIST}{query}")["invoice_payments"]]


def test_the_second_of_two_alike_is_flagged(http: Http, admin: Http, payments: str) -> None:
    answers = [http.post(payments, payment=GOOD)["payment"] for _ in range(3)]
    assert [answer.keys() for answer in answers] == [answers[0].keys()] * 3
    assert flags(admin) == [False, True, True]


@by_row(
    "changed",
    {
        "amount": ({"amount": "50.01"}),
        "date": ({"date": "2010-10-01"}),
        "method": ({"payment_method": "check"}),
        "no method": ({"payment_method": None}),
        "new method": ({"payment_method": "barter"}),
    },
)
def test_one_that_differs_is_not(http: Http, admin: Http, payments: str, changed: Any) -> None:
    http.post(payments, payment=GOOD)
    http.post(payments, payment={**GOOD, **changed})
    assert flags(admin) == [False, False]


def test_without_a_method_two_are_alike(http: Http, admin: Http, payments: str) -> None:
    for _ in range(2):
        http.post(payments, payment={"date": "2010-09-30", "amount": "1.00"})
    assert flags(admin) == [False, True]


def test_another_invoice_or_credential_is_not_the_same(
    http: Http, admin: Http, payments: str, database: Database, user: int
) -> None:
    other = make_invoice(database, user)
    http.post(f"/invoices/{other}/payments", payment=GOOD)
    http.post(payments, payment=GOOD)
    http.post(f"{payments}?api_token={token_of('demo')}", payment=GOOD, auth=None)
    admin.post(LIST, invoice_payment={"date": "2010-09-30", "amount_cents": 5000, "payment_method_id": 1})
    assert flags(admin) == [False, False, False]


@pytest.mark.parametrize(("minutes", "flagged"), [(4, True), (6, False)])
def test_five_minutes_later_it_is_another_payment(
    http: Http, admin: Http, payments: str, database: Database, minutes: int, flagged: bool
) -> None:
    http.post(payments, payment=GOOD)
    with database.engine.begin() as connection:
        connection.execute(sa.update(Payment).values(created_at=now() - datetime.timedelta(minutes=minutes)))
    http.post(payments, payment=GOOD)
    assert flags(admin) == [False, flagged]


def test_an_admin_who_sends_it_twice_is_told(admin: Http, invoice_id: int) -> None:
    sent = {"date": "2010-09-30", "amount_cents": 5000}
    first, second = [admin.post(LIST, invoice_payment=sent)["invoice_payment"] for _ in range(2)]
    assert second == first | {"id": second["id"], "possible_duplicate": True}
    assert '<possible-duplicate type="boolean">true</possible-duplicate>' in admin.get(f"{LIST}/{second['id']}.xml")
    assert "possible" not in admin.get(f"{LIST}/{first['id']}.xml")
    listed = admin.get(f"{LIST}.xml").split("<invoice-payment>")[1:]
    assert ["possible-duplicate" in each for each in listed] == [True, False]


def test_it_can_be_searched_for_and_stands_in_the_csv(http: Http, admin: Http, payments: str) -> None:
    for _ in range(2):
        http.post(payments, payment=GOOD)
    assert flags(admin, "?q[possible_duplicate_eq]=true") == [True]
    assert flags(admin, "?scope=possible_duplicate") == [True]
    assert flags(admin, "?q[possible_duplicate_eq]=0") == [False]
    assert [line.rpartition(",")[2] for line in admin.get(f"{LIST}.csv").splitlines()] == [
        "Possible duplicate",
        "true",
        "false",
    ]


def test_the_flag_cannot_be_sent(http: Http, admin: Http, invoice_id: int) -> None:
    sent = {"date": "2010-09-30", "amount_cents": 5000, "possible_duplicate": True}
    assert "possible_duplicate" not in admin.post(LIST, invoice_payment=sent)["invoice_payment"]
