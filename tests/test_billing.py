"""What recurring profiles make: on which dates, under which numbers, and what becomes of it."""

import datetime
from typing import Any

import profiles
import sqlalchemy as sa
from databases import Database
from flask import Flask
from inprocess import Http
from profiles import bill, change, dates, profile, shown
from tables import by_row

from curdbee_compat.models.base import today

SERIES = {
    "monthly from the 31st": (
        ("Monthly", "2091-01-31", "2091-06-30"),
        ["2091-01-31", "2091-02-28", "2091-03-31", "2091-04-30", "2091-05-31", "2091-06-30"],
    ),
    "monthly from the 31st in a leap year": (
        ("Monthly", "2092-01-31", "2092-03-31"),
        ["2092-01-31", "2092-02-29", "2092-03-31"],
    ),
    "monthly from the 30th": (("Monthly", "2091-01-30", "2091-03-30"), ["2091-01-30", "2091-02-28", "2091-03-30"]),
    "daily over a leap day": (("Daily", "2092-02-28", "2092-03-01"), ["2092-02-28", "2092-02-29", "2092-03-01"]),
    "weekly": (("Weekly", "2091-12-25", "2092-01-10"), ["2091-12-25", "2092-01-01", "2092-01-08"]),
    "biweekly": (("Biweekly", "2091-12-25", "2092-01-10"), ["2091-12-25", "2092-01-08"]),
    "quarterly": (("Quarterly", "2091-11-30", "2092-06-01"), ["2091-11-30", "2092-02-29", "2092-05-30"]),
    "half-yearly": (("Half-yearly", "2091-08-31", "2092-09-01"), ["2091-08-31", "2092-02-29", "2092-08-31"]),
    "yearly on a leap day": (
        ("Yearly", "2092-02-29", "2096-03-01"),
        ["2092-02-29", "2093-02-28", "2094-02-28", "2095-02-28", "2096-02-29"],
    ),
}


@by_row(("plan", "expected"), SERIES)
def test_missed_dates_are_caught_up_in_order(
    app: Flask, http: Http, plan: tuple[str, str, str], expected: list[str]
) -> None:
    frequency, start, until = plan
    made = profile(http, start, frequency_term=frequency)
    assert dates(app, until) == expected
    assert dates(app, until) == []
    assert shown(http, made)["iteration_no"] == len(expected)


@by_row(("plan", "expected"), SERIES)
def test_billed_day_by_day_it_comes_to_the_same(
    app: Flask, http: Http, plan: tuple[str, str, str], expected: list[str]
) -> None:
    frequency, start, until = plan
    profile(http, start, frequency_term=frequency)
    for date in expected:
        day_before = datetime.date.fromisoformat(date) - datetime.timedelta(1)
        assert dates(app, day_before.isoformat()) == []
        assert dates(app, date) == [date]
    assert dates(app, until) == []


def test_an_invoice_is_what_the_profile_says(app: Flask, http: Http) -> None:
    line = {"name_and_description": "Hosting", "price": "10.00", "quantity": 3, "sort_order": 1, "unit": "h"}
    terms = {"discount": "10%", "tax": "10", "tax2": "5", "tax2_compound": True, "shipping": "4"}
    sent = {"notes": "Thanks", "payment_due_term": "Net 15", "line_items_attributes": [line]}
    made = profile(http, "2091-01-31", **terms, **sent)
    assert len(bill(app, "2091-02-01")) == 1
    [invoice] = [row["invoice"] for row in http.get("/invoices")]
    before = shown(http, made)
    same = ("client", "notes", "total_billed", "sub_total", "discount_amount", "tax_amount", "tax2_amount")
    assert {name: invoice[name] for name in same} == {name: before[name] for name in same}
    assert (invoice["date"], invoice["due_date"], invoice["state"]) == ("2091-01-31", "2091-02-15", "draft")
    assert invoice["total_due"] == invoice["total_billed"] != "$0.00"
    assert [(row["name_and_description"], row["quantity"], row["unit"]) for row in invoice["line_items"]] == [
        ("Hosting", 3.0, "h")
    ]


@by_row("term", {"custom": "Custom", "none": None})
def test_without_a_known_term_there_is_no_due_date(app: Flask, http: Http, term: str | None) -> None:
    profile(http, "2091-01-31", payment_due_term=term)
    bill(app, "2091-01-31")
    assert http.get("/invoices")[0]["invoice"]["due_date"] is None


def test_it_stops_after_the_last_occurence(app: Flask, http: Http) -> None:
    made = profile(http, "2091-01-31", occurences=2)
    assert dates(app, "2095-01-01") == ["2091-01-31", "2091-02-28"]
    assert (shown(http, made)["iteration_no"], shown(http, made)["next_billing_date"]) == (2, None)
    change(http, made, occurences=3)
    assert dates(app, "2095-01-01") == ["2091-03-31"]
    change(http, made, occurences=1)
    assert dates(app, "2095-01-01") == []


def test_it_stops_where_the_calendar_does(app: Flask, http: Http) -> None:
    made = profile(http, "9999-11-30", payment_due_term="Net 60")
    assert dates(app, "9999-12-31") == ["9999-11-30", "9999-12-30"]
    assert shown(http, made)["next_billing_date"] is None
    assert [row["invoice"]["due_date"] for row in http.get("/invoices")] == [None, None]


def test_numbers_with_a_base_stay_out_of_the_main_sequence(app: Flask, http: Http) -> None:
    client_id = profiles.client(http)
    for number in ("INV-7", "HOST-2"):
        http.post("/invoices", invoice={"client_id": client_id, "invoice_no": number})
    http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "INV-9"})
    profile(http, "2091-01-31", client_id, invoice_no="HOST")
    profile(http, "2091-01-31", client_id, invoice_no="INV")
    made = [number for _, number, _ in bill(app, "2091-03-31")]
    assert made == ["HOST-1", "HOST-3", "HOST-4", "INV-1", "INV-2", "INV-3"]
    assert http.post("/invoices", invoice={"client_id": client_id})["invoice"]["invoice_no"] == "INV-10"


def test_numbers_without_a_base_come_from_the_main_sequence(app: Flask, http: Http) -> None:
    client_id = profiles.client(http)
    http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "INV-009"})
    profile(http, "2091-01-31", client_id)
    assert [number for _, number, _ in bill(app, "2091-02-28")] == ["INV-010", "INV-011"]
    assert http.post("/invoices", invoice={"client_id": client_id})["invoice"]["invoice_no"] == "INV-012"


def test_a_draft_stays_one_and_is_sent_to_nobody(app: Flask, http: Http, database: Database) -> None:
    profile(http, "2091-01-31")
    assert bill(app, "2091-01-31") == [("2091-01-31", "1", None)]
    invoice = http.get("/invoices")[0]["invoice"]
    assert (invoice["state"], invoice["hash_key"]) == ("draft", "")
    assert mail_count(database) == 0


def test_what_is_no_draft_is_delivered(app: Flask, http: Http, database: Database) -> None:
    profile(http, "2091-01-31", save_as_draft=False)
    assert bill(app, "2091-02-28") == [("2091-01-31", "1", None), ("2091-02-28", "2", None)]
    invoices = [row["invoice"] for row in http.get("/invoices")]
    assert [invoice["state"] for invoice in invoices] == ["sent", "sent"]
    assert all(invoice["hash_key"] for invoice in invoices)
    assert mail_count(database) == 2


@by_row(
    ("email", "reason"), {"none": (None, "recipients can't be blank"), "no address": ("acme", "recipients is invalid")}
)
def test_what_nobody_can_receive_stays_a_draft(
    app: Flask, http: Http, database: Database, email: str | None, reason: str
) -> None:
    made = profile(http, "2091-01-31", profiles.client(http, email=email), save_as_draft=False)
    assert bill(app, "2091-01-31") == [("2091-01-31", "1", reason)]
    invoice = http.get("/invoices")[0]["invoice"]
    assert (invoice["state"], invoice["hash_key"], invoice["total_billed"]) == ("draft", "", "$20.00")
    assert mail_count(database) == 0
    assert shown(http, made)["iteration_no"] == 1


def test_a_deleted_invoice_is_not_made_again(app: Flask, http: Http) -> None:
    profile(http, "2091-01-31", invoice_no="HOST")
    bill(app, "2091-02-28")
    for row in http.get("/invoices"):
        http.delete(f"/invoices/{row['invoice']['id']}")
    assert bill(app, "2091-03-31") == [("2091-03-31", "HOST-3", None)]


def test_a_deleted_profile_bills_no_more_and_its_invoices_stay(app: Flask, http: Http) -> None:
    made = profile(http, "2091-01-31")
    bill(app, "2091-01-31")
    http.delete(f"/recurring_profiles/{made}")
    assert bill(app, "2091-12-31") == []
    assert len(http.get("/invoices")) == 1
    assert profile(http, "2091-01-31") > made


def test_a_new_frequency_goes_on_from_the_next_date(app: Flask, http: Http) -> None:
    made = profile(http, "2091-01-31")
    assert dates(app, "2091-02-28") == ["2091-01-31", "2091-02-28"]
    change(http, made, frequency_term="Weekly")
    assert dates(app, "2091-04-10") == ["2091-03-31", "2091-04-07"]
    change(http, made, frequency_term="Monthly")
    assert dates(app, "2091-05-14") == ["2091-04-14", "2091-05-14"]


def test_a_profile_taken_up_again_with_another_frequency_does_not_go_back(app: Flask, http: Http) -> None:
    made = profile(http, "2091-01-31", occurences=3)
    assert dates(app, "2091-12-31")[-1] == "2091-03-31"
    change(http, made, frequency_term="Weekly", occurences=5)
    assert dates(app, "2091-12-31") == ["2091-04-30", "2091-05-07"]


def test_a_new_start_is_the_next_date(app: Flask, http: Http) -> None:
    made = profile(http, "2091-01-31")
    bill(app, "2091-02-28")
    assert change(http, made, start_date="2091-06-15")["recurring_profile"]["next_billing_date"] == "2091-06-15"
    assert dates(app, "2091-07-31") == ["2091-06-15", "2091-07-15"]


def test_an_echoed_record_changes_no_date(app: Flask, http: Http) -> None:
    made = profile(http, "2091-01-31")
    bill(app, "2091-02-28")
    before = shown(http, made)
    after = change(http, made, **before)["recurring_profile"]
    assert after == before | {"updated_at": after["updated_at"]}
    assert after["next_billing_date"] == "2091-03-31"


def test_no_start_lies_more_than_a_year_back(app: Flask, http: Http) -> None:
    """Or a slip of the pen would make thousands of invoices."""
    year_ago, earlier = today() - datetime.timedelta(366), today() - datetime.timedelta(367)
    made = profile(http, year_ago.isoformat(), frequency_term="Yearly")
    refused: list[Any] = [["start_date", "must not be more than a year ago"]]
    assert change(http, made, 422, start_date=earlier.isoformat()) == refused
    sent = {"client_id": profiles.client(http), "profile_name": "x", "start_date": earlier.isoformat()}
    assert http.post("/recurring_profiles", recurring_profile=sent, status=422) == refused
    assert dates(app, today().isoformat())[0] == year_ago.isoformat()


def test_an_old_profile_can_still_be_changed(app: Flask, http: Http, database: Database) -> None:
    made = profile(http, today().isoformat())
    with database.engine.begin() as connection:
        connection.execute(
            sa.text("UPDATE recurring_profiles SET start_date = '2010-01-31', anchor_date = '2010-01-31'")
        )
    changed = change(http, made, start_date="2010-01-31", profile_name="Old")["recurring_profile"]
    assert (changed["profile_name"], changed["start_date"]) == ("Old", "2010-01-31")


def mail_count(database: Database) -> int:
    with database.engine.connect() as connection:
        return connection.execute(sa.text("SELECT count(*) FROM outgoing_mails")).scalar_one()
