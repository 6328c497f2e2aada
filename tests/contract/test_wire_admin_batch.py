"""The admin batch action: its document's path and the rulings on it."""

import json
from typing import Any

import pytest
from inprocess import Http
from tables import by_row


@pytest.fixture
def path(admin: Http, invoice_id: int) -> str:
    """The admin's path of an invoice's payments 1, 2 and 3."""
    path = f"/admin/invoices/{invoice_id}/invoice_payments"
    for day in (1, 2, 3):
        admin.post(path, invoice_payment={"amount_cents": 100 * day, "date": f"2024-01-0{day}"})
    return path


def batch(admin: Http, path: str, **body: Any) -> Any:
    return admin.raw("POST", f"{path}/batch_action.json", json=body)


def rows(admin: Http, path: str) -> dict[int, dict[str, Any]]:
    return {row["id"]: row for row in admin.get(path)["invoice_payments"]}


@by_row(
    "body, changed",
    {
        "update": (
            {"batch_action": "update", "collection_selection": [1, 3], "batch_action_inputs": {"accounted": True}},
            [1, 3],
        ),
        "update-inputs-as-text": (
            {
                "batch_action": "update",
                "collection_selection": ["1", "2"],
                "batch_action_inputs": json.dumps({"accounted": True}),
            },
            [1, 2],
        ),
        "duplicates-count-once": ({"batch_action": "mark_accounted", "collection_selection": [2, "2", 2]}, [2]),
        "nothing-selected": ({"batch_action": "mark_accounted", "collection_selection": []}, []),
        "selection-missing": ({"batch_action": "mark_accounted"}, []),
    },
)
def test_batch_marks_what_is_selected(admin: Http, path: str, body: dict, changed: list) -> None:
    response = batch(admin, path, **body)
    assert response.status_code == 200, response.data
    assert response.json == {"message": "Batch action completed", "affected_count": len(changed)}
    assert [number for number, row in sorted(rows(admin, path).items()) if row["accounted"]] == changed


def test_batch_unmarks(admin: Http, path: str) -> None:
    batch(admin, path, batch_action="mark_accounted", collection_selection=[1, 2])
    assert batch(admin, path, batch_action="mark_unaccounted", collection_selection=[1]).status_code == 200
    assert [row["accounted"] for _, row in sorted(rows(admin, path).items())] == [False, True, False]


def test_batch_destroys(admin: Http, http: Http, path: str, payments: str) -> None:
    assert batch(admin, path, batch_action="destroy", collection_selection=[1, 2]).json["affected_count"] == 2
    assert list(rows(admin, path)) == [3]
    assert [row["payment"]["balance"] for row in http.get(payments)] == ["197.00"]


@by_row(
    "body, status, where",
    {
        "missing-id": ({"batch_action": "destroy", "collection_selection": [1, 9]}, 404, "collection_selection"),
        "id-of-2^63": ({"batch_action": "destroy", "collection_selection": [1, 2**63]}, 404, "collection_selection"),
        "action-missing": ({"collection_selection": [1]}, 422, "batch_action"),
        "action-unknown": ({"batch_action": "explode", "collection_selection": [1]}, 422, "batch_action"),
        "inputs-not-json": (
            {"batch_action": "update", "collection_selection": [1], "batch_action_inputs": "{"},
            422,
            "batch_action_inputs",
        ),
        "inputs-missing": ({"batch_action": "update", "collection_selection": [1]}, 422, "batch_action_inputs"),
        "inputs-unknown-alone": (
            {"batch_action": "update", "collection_selection": [1], "batch_action_inputs": {"colour": "red"}},
            422,
            "batch_action_inputs",
        ),
    },
)
def test_batch_refused_changes_nothing(admin: Http, path: str, body: dict, status: int, where: str) -> None:
    before = rows(admin, path)
    response = batch(admin, path, **body)
    assert (response.status_code, list(response.json["errors"])) == (status, [where]), response.data
    assert rows(admin, path) == before


def test_batch_names_the_ids_that_are_missing(admin: Http, path: str) -> None:
    response = batch(admin, path, batch_action="destroy", collection_selection=[1, 9])
    assert (response.status_code, response.json) == (404, {"errors": {"collection_selection": ["not found: 9"]}})


def test_batch_is_one_transaction(admin: Http, path: str) -> None:
    before = rows(admin, path)
    inputs = {"date": "2024-02-01", "amount_cents": "abc"}
    response = batch(admin, path, batch_action="update", collection_selection=[1, 2], batch_action_inputs=inputs)
    assert response.status_code == 422
    assert rows(admin, path) == before


def test_batch_misses_payments_of_other_invoices(admin: Http, http: Http, path: str, client_id: int) -> None:
    other = http.post("/invoices", invoice={"client_id": client_id})["invoice"]["id"]
    before = rows(admin, path)
    elsewhere = f"/admin/invoices/{other}/invoice_payments"
    assert batch(admin, elsewhere, batch_action="destroy", collection_selection=[1]).status_code == 404
    assert rows(admin, path) == before
