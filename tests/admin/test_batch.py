"""Batch actions on an invoice's payments: all of the selected ones, or none."""

import json
from datetime import date
from typing import Any

import pytest
from databases import Database
from factories import make_invoice, make_payment, make_payments
from inprocess import Http
from tables import by_row

PATH = "/admin/invoices/7/invoice_payments"
BATCH = f"{PATH}/batch_action"


@pytest.fixture(autouse=True)
def rows(database: Database, user: int) -> list[int]:
    """Payments 1 to 3 of invoice 7, a cent, two and three; the second is accounted."""
    invoice = make_invoice(database, user, id=7)
    made = [{"amount_cents": n, "date": date(2024, 1, n), "accounted": n == 2} for n in (1, 2, 3)]
    return make_payments(database, invoice, made)


def run(admin: Http, action: Any, ids: Any, inputs: Any = None, *, status: int = 200) -> Any:
    """A batch action: how many were affected, or the answer."""
    sent = {"batch_action": action, "collection_selection": ids}
    answer = admin.post(BATCH, json=sent if inputs is None else sent | {"batch_action_inputs": inputs}, status=status)
    if status != 200:
        return answer
    assert list(answer) == ["message", "affected_count"]
    assert answer["message"] == "Batch action completed"
    return answer["affected_count"]


def shown(admin: Http) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in admin.get(PATH)["invoice_payments"]}


SELECTIONS = {
    "one": ([2], {1, 3}),
    "several": ([1, 3], {2}),
    "any-order": ([3, 1, 2], set()),
    "texts": (["1", "2"], {3}),
    "mixed": ([1, "3"], {2}),
    "twice": ([2, 2, "2"], {1, 3}),
    "none": ([], {1, 2, 3}),
    "null": (None, {1, 2, 3}),
}


@by_row("ids, left", SELECTIONS)
def test_destroy_deletes_the_selected(admin: Http, ids: Any, left: set[int]) -> None:
    assert run(admin, "destroy", ids) == 3 - len(left)
    assert set(shown(admin)) == left


def test_without_a_selection_nothing_is_affected(admin: Http) -> None:
    assert admin.post(BATCH, json={"batch_action": "destroy"}, status=200)["affected_count"] == 0
    assert set(shown(admin)) == {1, 2, 3}


def test_payments_can_be_marked_accounted_and_back(admin: Http) -> None:
    assert run(admin, "mark_accounted", [1, 2]) == 2
    assert {id: row["accounted"] for id, row in shown(admin).items()} == {1: True, 2: True, 3: False}
    assert run(admin, "mark_unaccounted", [2, 3]) == 2
    assert {id: row["accounted"] for id, row in shown(admin).items()} == {1: True, 2: False, 3: False}


INPUTS = {
    "date": ({"date": "2024-02-29"}, {"date": "2024-02-29"}),
    "method": ({"payment_method_id": 5}, {"payment_method_id": 5}),
    "no-method": ({"payment_method_id": None}, {"payment_method_id": None}),
    "amount": ({"amount_cents": "-7"}, {"amount_cents": -7}),
    "accounted": ({"accounted": "1"}, {"accounted": True}),
    "several": ({"date": "2024-02-29", "accounted": False}, {"date": "2024-02-29", "accounted": False}),
    "unknown-keys-are-dropped": ({"accounted": True, "colour": "red", "id": 9, "invoice_id": 8}, {"accounted": True}),
}


@by_row("inputs, changed", INPUTS)
@pytest.mark.parametrize("encoded", [dict, json.dumps])
def test_update_sets_the_inputs(admin: Http, inputs: dict[str, Any], changed: dict[str, Any], encoded: Any) -> None:
    """ActiveAdmin's own form sends them as JSON text."""
    before = shown(admin)
    assert run(admin, "update", [1, 2], encoded(inputs)) == 2
    assert shown(admin) == {1: before[1] | changed, 2: before[2] | changed, 3: before[3]}


BAD_INPUTS = {
    "missing": None,
    "none": {},
    "none-as-text": "{}",
    "unknown-keys-alone": {"colour": "red"},
    "read-only-alone": {"id": 9, "invoice_id": 8},
    "no-json": "{date:",
    "trailing-text": '{"date":"2024-02-29"}x',
    "array": ["2024-02-29"],
    "array-as-text": "[1]",
    "number": 5,
    "blank": "",
    "deep": "[" * 5000,
}


@by_row("inputs", BAD_INPUTS)
def test_update_needs_inputs(admin: Http, inputs: Any) -> None:
    before = shown(admin)
    assert list(run(admin, "update", [1, 2], inputs, status=422)["errors"]) == ["batch_action_inputs"]
    assert shown(admin) == before


INVALID = {
    "date": ({"date": "2024-02-30"}, {"date": ["can't be blank"]}),
    "amount": ({"amount_cents": "abc"}, {"amount_cents": ["is not a number"]}),
    "amount-fraction": ({"amount_cents": 1.5}, {"amount_cents": ["must be an integer"]}),
    "unknown-method": ({"payment_method_id": 99}, {"payment_method_id": ["is invalid"]}),
    "second-of-two": ({"date": "2024-02-29", "payment_method_id": 0}, {"payment_method_id": ["is invalid"]}),
}


@by_row("inputs, errors", INVALID)
def test_an_invalid_input_changes_nothing_and_names_the_first_it_was_for(
    admin: Http, inputs: dict[str, Any], errors: dict[str, Any]
) -> None:
    before = shown(admin)
    answer = run(admin, "update", [1, 2], inputs, status=422)
    assert answer["errors"] == errors
    assert answer["record_errors"] == {"1": errors}
    assert shown(admin) == before


@pytest.mark.parametrize("action", ["destroy", "mark_accounted", "update"])
def test_a_missing_id_is_named_and_nothing_is_done(admin: Http, action: str) -> None:
    before = shown(admin)
    answer = run(admin, action, [1, 9, 2], {"date": "2024-02-29"}, status=404)
    assert answer == {"errors": {"collection_selection": ["not found: 9"]}}
    assert shown(admin) == before


def test_a_missing_id_is_named_in_xml(admin: Http) -> None:
    sent = {"batch_action": "destroy", "collection_selection": [9]}
    assert "<error>not found: 9</error>" in admin.post(f"{BATCH}.xml", json=sent, status=404)


def test_a_payment_of_another_invoice_is_missing(admin: Http, database: Database, user: int) -> None:
    other = make_payment(database, make_invoice(database, user))
    answer = run(admin, "destroy", [1, other], status=404)
    assert answer == {"errors": {"collection_selection": [f"not found: {other}"]}}
    assert set(shown(admin)) == {1, 2, 3}


@pytest.mark.parametrize("id", ["abc", "1.5", "", "-1", 0, 2**64, "\u0661", 1.5, True, None, [1], {"id": 1}], ids=str)
def test_what_is_no_id_is_refused(admin: Http, id: Any) -> None:
    """As missing or as invalid; it must not stand for a payment."""
    before = shown(admin)
    response = admin.raw("POST", BATCH, json={"batch_action": "destroy", "collection_selection": [2, id]})
    assert response.status_code in (404, 422), response.data
    assert list(response.get_json()["errors"]) == ["collection_selection"]
    assert shown(admin) == before


@pytest.mark.parametrize("ids", ["1,2", 1, True, {"0": 1}], ids=str)
def test_a_selection_is_an_array(admin: Http, ids: Any) -> None:
    assert list(run(admin, "destroy", ids, status=422)["errors"]) == ["collection_selection"]
    assert set(shown(admin)) == {1, 2, 3}


@pytest.mark.parametrize(
    "action", ["explode", "DESTROY", "delete", "change", "__init__", 5, True, ["destroy"]], ids=str
)
def test_an_unknown_action_is_refused(admin: Http, action: Any) -> None:
    answer = run(admin, action, [1], status=422)
    assert answer == {"errors": {"batch_action": ["is not included in the list"]}}
    assert set(shown(admin)) == {1, 2, 3}


@pytest.mark.parametrize("sent", [{}, {"batch_action": None}, {"batch_action": ""}, {"collection_selection": [1]}])
def test_a_missing_action_is_refused(admin: Http, sent: dict[str, Any]) -> None:
    assert list(admin.post(BATCH, json=sent, status=422)["errors"]) == ["batch_action"]
    assert set(shown(admin)) == {1, 2, 3}


def test_a_form_does_the_same(admin: Http) -> None:
    form = {"batch_action": "update", "collection_selection[]": ["1", "2"], "batch_action_inputs": '{"accounted":true}'}
    answer = admin.post(f"{BATCH}.json", form=form, status=200)
    assert answer == {"message": "Batch action completed", "affected_count": 2}
    assert [row["accounted"] for row in shown(admin).values()] == [False, True, True]


def test_the_invoice_follows(admin: Http, http: Http) -> None:
    line = {"name_and_description": "Work", "price": "0.06", "quantity": 1}

    def state(**changes: Any) -> tuple[str, str, str]:
        invoice = http.put("/invoices/7", invoice=changes)["invoice"]
        return invoice["state"], invoice["paid_total"], invoice["total_due"]

    assert state(line_items_attributes=[line]) == ("paid", "$0.06", "$0.00")
    run(admin, "destroy", [3])
    assert state() == ("partial", "$0.03", "$0.03")
    run(admin, "update", [1, 2], {"amount_cents": 3})
    assert state() == ("paid", "$0.06", "$0.00")
    run(admin, "destroy", [1, 2])
    assert state() == ("draft", "$0.00", "$0.06")


def test_a_thousand_payments_are_done_at_once(admin: Http, database: Database) -> None:
    ids = make_payments(database, 7, [{"amount_cents": 1}] * 1001)
    assert run(admin, "mark_accounted", ids) == 1001
    missing = run(admin, "destroy", [*ids, ids[-1] + 1], status=404)
    assert missing["errors"]["collection_selection"] == [f"not found: {ids[-1] + 1}"]
    assert len(admin.get(f"{PATH}?per_page=10000&scope=accounted")["invoice_payments"]) == 1002
    assert run(admin, "destroy", ids) == 1001
    assert set(shown(admin)) == {1, 2, 3}


def test_a_missing_invoice_is_missing(admin: Http) -> None:
    sent = {"batch_action": "destroy", "collection_selection": []}
    admin.post("/admin/invoices/99/invoice_payments/batch_action", json=sent, status=404)


def test_a_malformed_body_is_400(admin: Http) -> None:
    answer = admin.post(BATCH, body="{", content_type="application/json", status=400)
    assert answer == {"status": 400, "error": "Bad Request"}


def test_an_ordinary_user_may_not(http: Http, admin: Http) -> None:
    http.post(BATCH, json={"batch_action": "destroy", "collection_selection": [1]}, status=403)
    assert set(shown(admin)) == {1, 2, 3}
