"""Delivering invoices and estimates: who gets the mail, what it says, and what the statement becomes."""

import json
from typing import Any

import factories
import pytest
import sqlalchemy as sa
from databases import Database
from flask import Flask
from inprocess import Http
from letters import deliver, mails, make, written
from tables import by_row

from curdbee_compat import outbox
from curdbee_compat.api import deliveries

NOBODY = [["recipients", "can't be blank"]]


@pytest.fixture(params=["invoice", "estimate"])
def kind(request: pytest.FixtureRequest) -> str:
    """What is delivered."""
    return request.param


@by_row(
    "request_",
    {
        "no body": {},
        "empty object": {"json": {}},
        "empty delivery": {"json": {"delivery": {}}},
        "empty arrays": {"json": {"delivery": {"recipients": [], "blind_copy": []}}},
        "blank texts": {"json": {"delivery": {"recipients": " ", "blind_copy": ""}}},
        "nulls": {"json": {"delivery": {"recipients": None}}},
        "XML": {"xml": "<delivery/>"},
        "JSON type, no body": {"content_type": "application/json"},
    },
)
def test_without_recipients_the_client_gets_it(
    http: Http, database: Database, kind: str, request_: dict[str, Any]
) -> None:
    made = make(http, kind)
    assert http.post(f"/deliver/{kind}/{made['id']}", status=200, **request_) is None
    [mail] = mails(database)
    assert (mail.recipients, mail.blind_copies, mail.state) == (["acme@example.test"], [], "queued")


def test_the_statement_is_sent_and_has_its_page(http: Http, database: Database, kind: str) -> None:
    made = make(http, kind)
    assert (made["state"], made["hash_key"]) == ("draft", "")
    deliver(http, kind, made)
    after = http.get(f"/{kind}s/{made['id']}")[kind]
    assert after["state"] == "sent"
    assert len(after["hash_key"]) >= 8
    page = {"invoice": "inv", "estimate": "est"}[kind]
    [mail] = mails(database)
    url = f"http://localhost/{page}/{after['hash_key']}"
    assert url in mail.text
    assert f'href="{url}"' in mail.html


def test_a_second_delivery_keeps_the_page_and_is_another_mail(http: Http, database: Database, kind: str) -> None:
    made = make(http, kind)
    deliver(http, kind, made)
    key = http.get(f"/{kind}s/{made['id']}")[kind]["hash_key"]
    deliver(http, kind, made)
    assert http.get(f"/{kind}s/{made['id']}")[kind]["hash_key"] == key
    first, second = mails(database)
    assert first.message_id != second.message_id


@by_row(
    ("recipients", "expected"),
    {
        "array": (["a@b.test", "c@d.test"], ["a@b.test", "c@d.test"]),
        "string": ("a@b.test", ["a@b.test"]),
        "commas": ("a@b.test, c@d.test ,", ["a@b.test", "c@d.test"]),
        "twice the same": (["a@b.test", "a@b.test"], ["a@b.test"]),
        "plus and dash": ("a+tag@b-c.example.test", ["a+tag@b-c.example.test"]),
        "ASCII form of a domain": ("info@xn--mller-kva.test", ["info@xn--mller-kva.test"]),
    },
)
def test_recipients(http: Http, database: Database, recipients: Any, expected: list[str]) -> None:
    deliver(http, "invoice", make(http, "invoice"), recipients=recipients)
    assert mails(database)[0].recipients == expected


@by_row("blind_copy", {"string": "b@example.test", "array": ["b@example.test"]})
def test_blind_copies_go_beside_the_client(http: Http, database: Database, kind: str, blind_copy: Any) -> None:
    deliver(http, kind, make(http, kind), blind_copy=blind_copy)
    [mail] = mails(database)
    assert (mail.recipients, mail.blind_copies) == (["acme@example.test"], ["b@example.test"])
    assert outbox.envelope(mail) == ["acme@example.test", "b@example.test"]
    assert b"b@example.test" not in outbox.composed(mail, "billing@example.test")


def test_the_ruby_example_in_xml(http: Http, database: Database) -> None:
    addresses = '<recipients type="array"><recipient>a@b.test</recipient></recipients>'
    xml = f"<delivery>{addresses}<blind-copy>c@d.test</blind-copy></delivery>"
    http.post(f"/deliver/invoice/{make(http, 'invoice')['id']}.xml", xml=xml, status=200)
    [mail] = mails(database)
    assert (mail.recipients, mail.blind_copies) == (["a@b.test"], ["c@d.test"])


@by_row("email", {"none": None, "empty": "", "blank": "  "})
def test_a_client_without_an_address(http: Http, database: Database, kind: str, email: str | None) -> None:
    made = make(http, kind, {"email": email})
    assert deliver(http, kind, made, 422) == NOBODY
    assert http.get(f"/{kind}s/{made['id']}")[kind]["state"] == "draft"
    assert mails(database) == []


def test_a_client_with_two_addresses(http: Http, database: Database) -> None:
    deliver(http, "invoice", make(http, "invoice", {"email": "a@b.test, c@d.test"}))
    assert mails(database)[0].recipients == ["a@b.test", "c@d.test"]


def test_more_addresses_than_anybody_has(http: Http) -> None:
    many = [f"a{number}@b.test" for number in range(101)]
    made = make(http, "invoice")
    too_long = [["recipients", "is too long (maximum is 100 addresses)"]]
    assert deliver(http, "invoice", made, 422, recipients=many) == too_long
    deliver(http, "invoice", made, recipients=many[:100])


def test_a_closed_one_stays_closed(http: Http, database: Database, kind: str) -> None:
    made = make(http, kind)
    http.post(f"/{kind}s/{made['id']}/close", status=200)
    deliver(http, kind, made)
    after = http.get(f"/{kind}s/{made['id']}")[kind]
    assert (after["state"], bool(after["hash_key"])) == ("closed", True)
    assert len(mails(database)) == 1


def test_one_of_another_user_is_missing(http: Http, stranger: Http, database: Database, kind: str) -> None:
    made = make(http, kind)
    deliver(stranger, kind, made, 404, recipients="a@b.test")
    deliver(http, kind, {"id": 999_999}, 404, recipients="acme")
    assert mails(database) == []


def test_what_is_rolled_back_leaves_no_mail(
    http: Http, database: Database, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The mail is queued, and then the transaction cannot be committed."""
    made = make(http, kind)
    real = deliveries.delivery.deliver

    def queue_and_fail(*words: Any, **names: Any) -> None:
        real(*words, **names)
        deliveries.db.session.flush()
        deliveries.db.session.execute(sa.text("INSERT INTO users (id) VALUES (1)"))

    monkeypatch.setattr(deliveries.delivery, "deliver", queue_and_fail)
    assert http.raw("POST", f"/deliver/{kind}/{made['id']}").status_code >= 400
    assert mails(database) == []
    assert http.get(f"/{kind}s/{made['id']}")[kind]["state"] == "draft"


def test_the_mail_says_what_is_due(http: Http, database: Database) -> None:
    made = make(http, "invoice", invoice_no="INV-7", due_date="2010-10-01")
    http.post(f"/invoices/{made['id']}/payments", payment={"date": "2010-09-25", "amount": "50.00"})
    deliver(http, "invoice", made)
    [mail] = mails(database)
    key = http.get(f"/invoices/{made['id']}")["invoice"]["hash_key"]
    assert mail.subject == "Invoice INV-7 from demo"
    assert mail.text.splitlines() == [
        "Dear Acme,",
        "",
        "demo sends you invoice INV-7.",
        "",
        "Total: $200.00",
        "Amount due: $150.00",
        "Due date: 2010-10-01",
        "",
        "Read or print it here:",
        f"http://localhost/inv/{key}",
        "",
        "demo",
    ]


def test_an_estimate_is_not_due(http: Http, database: Database) -> None:
    deliver(http, "estimate", make(http, "estimate", estimate_no="E-1"))
    [mail] = mails(database)
    assert mail.subject == "Estimate E-1 from demo"
    assert "Total: $200.00\n\nRead" in mail.text
    assert "due" not in mail.html.lower()


def test_a_user_without_an_address_is_not_named_in_reply_to(app: Flask, database: Database) -> None:
    for name, email in {"ann": None, "bob": "bob at home"}.items():
        factories.make_user(database, name, email=email)
        http = Http(app, (name, name))
        deliver(http, "invoice", make(http, "invoice"))
    assert ["Reply-To" in written(mail) for mail in mails(database)] == [False, False]


def test_a_malformed_body_sends_nothing(http: Http, database: Database) -> None:
    made = make(http, "invoice")
    path = f"/deliver/invoice/{made['id']}"
    http.post(path, body="{", content_type="application/json", status=400)
    assert http.post(path, json={"delivery": "x"}, status=422) == [["delivery", "is invalid"]]
    assert json.loads(http.raw("GET", f"/invoices/{made['id']}").data)["invoice"]["state"] == "draft"
    assert mails(database) == []
