"""Invoice numbers: the number of the newest invoice goes on, and no number is given twice."""

from typing import Any

import pytest
from databases import Database
from factories import make_invoice
from inprocess import Http
from tables import by_row


def make(http: Http, client_id: int, **values: Any) -> str:
    """A new invoice's number."""
    return http.post("/invoices", invoice={"client_id": client_id, **values})["invoice"]["invoice_no"]


def test_the_first_is_1_and_the_next_2(http: Http, client_id: int) -> None:
    assert [make(http, client_id) for _ in range(3)] == ["1", "2", "3"]


FOLLOWING = {
    "padded": ("INV-009", "INV-010"),
    "padding-grows": ("INV-999", "INV-1000"),
    "bare": ("99", "100"),
    "zeros": ("007", "008"),
    "no-digits": ("ABC", "ABC1"),
    "digits-in-front": ("2011-A", "2011-A1"),
    "last-digits-count": ("2011/01", "2011/02"),
    "blank-before-digits": ("No 9", "No 10"),
    "other-digits-are-letters": ("\u0663", "\u06631"),
    "longer-than-any-integer": ("9" * 40, "1" + "0" * 40),
    "no-room-left": ("9" * 255, "1"),
}


@by_row("last, number", FOLLOWING)
def test_after_a_number_comes(http: Http, client_id: int, last: str, number: str) -> None:
    assert make(http, client_id, invoice_no=last) == last
    assert make(http, client_id) == number


SEQUENCES = {
    "newest-not-highest": (["50", "7", None], "8"),
    "next-is-taken": (["8", "9", "7", None], "10"),
    "a-gap-is-filled": (["8", "10", "7", None], "9"),
    "taken-with-padding": (["INV-010", "INV-009", None], "INV-011"),
    "taken-but-for-padding": (["10", "009", None], "010"),
    "first-number-is-taken-at-the-end": (["1", "9" * 255, None], "2"),
}


@by_row("numbers, given", SEQUENCES)
def test_the_newest_goes_on_to_the_next_free_one(http: Http, client_id: int, numbers: list, given: str) -> None:
    assert [make(http, client_id, invoice_no=number) for number in numbers][-1] == given


def test_more_numbers_than_a_few_may_be_taken(http: Http, database: Database, user: int, client_id: int) -> None:
    for number in [*range(2, 123), 1]:
        make_invoice(database, user, client_id=client_id, invoice_no=str(number))
    assert make(http, client_id) == "123"


def test_a_new_number_of_an_older_invoice_does_not_count(http: Http, client_id: int) -> None:
    make(http, client_id)
    make(http, client_id)
    http.put("/invoices/1", invoice={"invoice_no": "A-70"})
    assert make(http, client_id) == "3"
    http.put("/invoices/3", invoice={"invoice_no": "B-1"})
    assert make(http, client_id) == "B-2"


def test_after_a_delete_the_newest_that_is_left_goes_on(http: Http, client_id: int) -> None:
    for number in ("4", "90"):
        make(http, client_id, invoice_no=number)
    http.delete("/invoices/2")
    assert make(http, client_id) == "5"


@pytest.mark.parametrize("number", ["", "   ", "\t\n"])
def test_a_blank_number_is_refused(http: Http, invoice_id: int, number: str) -> None:
    blank = [["invoice_no", "can't be blank"]]
    assert http.post("/invoices", invoice={"client_id": 1, "invoice_no": number}, status=422) == blank
    assert http.put(f"/invoices/{invoice_id}", invoice={"invoice_no": number}, status=422) == blank
    assert [element["invoice"]["invoice_no"] for element in http.get("/invoices")] == ["1"]


def test_an_absent_and_a_null_number_are_given_one(http: Http, client_id: int) -> None:
    assert make(http, client_id, invoice_no=None) == "1"
    assert "<invoice-no>2</invoice-no>" in http.post(
        "/invoices.xml", xml=f"<invoice><client-id>{client_id}</client-id><invoice-no nil='true'/></invoice>"
    )


TAKEN = [["invoice_no", "has already been taken"]]


def test_a_number_is_given_once(http: Http, client_id: int) -> None:
    make(http, client_id, invoice_no="A")
    make(http, client_id, invoice_no="B")
    assert http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "A"}, status=422) == TAKEN
    assert http.put("/invoices/2", invoice={"invoice_no": "A", "summary": "x"}, status=422) == TAKEN
    assert [element["invoice"]["summary"] for element in http.get("/invoices")] == [None, None]


def test_an_invoice_keeps_its_own_number(http: Http, client_id: int) -> None:
    make(http, client_id, invoice_no="A")
    assert http.put("/invoices/1", invoice={"invoice_no": "A", "summary": "x"})["invoice"]["summary"] == "x"


def test_a_number_that_was_given_up_is_free(http: Http, client_id: int) -> None:
    make(http, client_id, invoice_no="A")
    http.put("/invoices/1", invoice={"invoice_no": "B"})
    assert make(http, client_id, invoice_no="A") == "A"
    http.delete("/invoices/1")
    assert make(http, client_id, invoice_no="B") == "B"


def test_each_user_has_numbers_of_his_own(http: Http, stranger: Http, client_id: int) -> None:
    theirs = stranger.post("/clients", client={"name": "Other"})["client"]["id"]
    make(http, client_id, invoice_no="A-7")
    assert make(stranger, theirs) == "1"
    assert make(stranger, theirs, invoice_no="A-7") == "A-7"
    assert make(http, client_id) == "A-8"


@by_row(
    "sent, shown",
    {"number": (7, "7"), "symbols": ("№ 7/ü \U0001f4b6", "№ 7/ü \U0001f4b6"), "longest": ("x" * 255, "x" * 255)},
)
def test_a_number_is_any_text(http: Http, client_id: int, sent: Any, shown: str) -> None:
    assert make(http, client_id, invoice_no=sent) == shown
    assert http.get("/invoices/1")["invoice"]["invoice_no"] == shown


def test_a_number_of_256_characters_is_refused(http: Http, client_id: int) -> None:
    refused = http.post("/invoices", invoice={"client_id": client_id, "invoice_no": "x" * 256}, status=422)
    assert refused == [["invoice_no", "is too long (maximum is 255 characters)"]]
