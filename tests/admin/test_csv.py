"""Admin lists as CSV files: all pages of what was asked for, under humanized names, safe in a spreadsheet."""

import csv
import io
import re
from datetime import UTC, date, datetime
from typing import Any

import pytest
from databases import Database
from factories import make_invoice, make_payments
from inprocess import Http
from tables import by_row

PATH = "/admin/invoices/7/invoice_payments"
METHODS = "/admin/payment_methods"
HEADER = ["Id", "Invoice", "Amount cents", "Payment method", "Date", "Accounted", "Possible duplicate"]
ROWS = [
    {"amount_cents": 1000, "payment_method_id": 1, "date": date(2024, 1, 1), "accounted": True},
    {"amount_cents": -2500, "payment_method_id": None, "date": date(2024, 1, 2), "accounted": False},
    {"amount_cents": 3000, "payment_method_id": 5, "date": date(2024, 2, 1), "accounted": True},
]
CELLS = [
    ["3", "7", "3000", "5", "2024-02-01", "true", "false"],
    ["2", "7", "-2500", "", "2024-01-02", "false", "false"],
    ["1", "7", "1000", "1", "2024-01-01", "true", "false"],
]


@pytest.fixture
def invoice(database: Database, user: int) -> int:
    """Invoice 7, without payments."""
    return make_invoice(database, user, id=7)


@pytest.fixture
def rows(database: Database, invoice: int) -> list[int]:
    """Its payments 1 to 3."""
    return make_payments(database, invoice, ROWS)


def read(admin: Http, path: str, **request: Any) -> list[list[str]]:
    """The cells of a file."""
    text = admin.get(path, **request)
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:], newline="")))


def test_a_file_has_a_header_and_a_row_for_each_record(admin: Http, rows: list[int]) -> None:
    assert read(admin, f"{PATH}.csv") == [HEADER, *CELLS]


def test_an_empty_list_has_a_header_only(admin: Http, invoice: int) -> None:
    assert read(admin, f"{PATH}.csv") == [HEADER]


def test_a_missing_invoice_has_no_file(admin: Http) -> None:
    admin.get(f"{PATH}.csv", status=404)


@pytest.mark.parametrize("name", ["invoice_payments", "invoices", "payment_methods", "users"])
def test_a_file_is_named_by_its_list_and_the_day(admin: Http, rows: list[int], name: str) -> None:
    days = [datetime.now(UTC).date().isoformat()]
    response = admin.raw("GET", PATH + ".csv" if name == "invoice_payments" else f"/admin/{name}.csv")
    days.append(datetime.now(UTC).date().isoformat())
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    named = re.fullmatch(r'attachment; filename="([a-z-]+)-([\d-]+)\.csv"', response.headers["Content-Disposition"])
    assert named[1] == name.replace("_", "-")
    assert named[2] in days


ASKED = {
    "paging-is-ignored": ("?page=2&per_page=1", CELLS),
    "condition": ("?q[amount_cents_lt]=2000", CELLS[1:]),
    "scope": ("?scope=unaccounted", CELLS[1:2]),
    "order": ("?order=date_asc", CELLS[::-1]),
}


@by_row("arguments, cells", ASKED)
def test_a_file_holds_what_was_asked_for(admin: Http, rows: list[int], arguments: str, cells: list) -> None:
    assert read(admin, f"{PATH}.csv{arguments}")[1:] == cells


def test_an_unknown_condition_is_refused(admin: Http, rows: list[int]) -> None:
    admin.get(f"{PATH}.csv?q[colour_eq]=1", status=422)


def test_a_file_holds_more_than_a_page(admin: Http, database: Database, invoice: int) -> None:
    make_payments(database, invoice, [{}] * 45)
    assert len(read(admin, f"{PATH}.csv")) == 46


@by_row("arguments", {"accept": {"headers": {"Accept": "text/csv"}}, "format": {"query": {"format": "csv"}}})
def test_it_can_be_asked_for_without_a_suffix(admin: Http, rows: list[int], arguments: dict[str, Any]) -> None:
    assert read(admin, PATH, **arguments) == [HEADER, *CELLS]


@pytest.mark.parametrize(
    "path", [f"{PATH}/1.csv", "/admin/invoices/7.csv", "/invoices.csv", "/invoices/7/payments.csv"]
)
def test_only_admin_lists_are_files(admin: Http, rows: list[int], path: str) -> None:
    admin.get(path, status=406)


def test_an_ordinary_user_gets_none(http: Http, rows: list[int]) -> None:
    http.get(f"{PATH}.csv", status=403)


NAMES = {
    "comma": ("a,b", "a,b"),
    "quotes": ('"a" b', '"a" b'),
    "semicolon": ("a;b", "a;b"),
    "lines": ("a\nb", "a\nb"),
    "umlaut": ("Überweisung ☃ \U0001f4b6", "Überweisung ☃ \U0001f4b6"),
    "formula": ("=1+1", "'=1+1"),
    "formula-quoted": ('=HYPERLINK("http://x","y")', '\'=HYPERLINK("http://x","y")'),
    "plus": ("+1", "'+1"),
    "minus": ("-1", "'-1"),
    "at": ("@SUM(A1)", "'@SUM(A1)"),
    "tab": ("\t=1", "'\t=1"),
    "carriage-return": ("\r=1", "'\r=1"),
    "inside": ("1=1", "1=1"),
    "apostrophe": ("'a", "'a"),
}


@by_row("name, cell", NAMES)
def test_a_text_comes_back_and_never_runs_as_a_formula(admin: Http, name: str, cell: str) -> None:
    made = admin.post(METHODS, payment_method={"name": name})["payment_method"]
    assert made["name"] == name
    header, first, *_ = read(admin, f"{METHODS}.csv")
    assert header == ["Id", "Name", "Created at", "Updated at"]
    assert first == [str(made["id"]), cell, made["created_at"], made["updated_at"]]


def test_negative_numbers_stay_numbers(admin: Http, database: Database, user: int) -> None:
    make_invoice(database, user, total_cents=-500, invoice_no="-1")
    header, row = read(admin, "/admin/invoices.csv")
    assert (row[header.index("Total cents")], row[header.index("Invoice no")]) == ("-500", "'-1")


def test_a_file_is_never_kept_by_anyone(admin: Http, rows: list[int]) -> None:
    response = admin.raw("GET", f"{PATH}.csv")
    assert response.headers["Cache-Control"] == "no-cache"
