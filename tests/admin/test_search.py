"""Narrowing, sorting and paging an admin list: `q[...]`, `scope`, `order`, `page`."""

from datetime import date
from typing import Any

import pytest
from databases import Database
from factories import at, make_client, make_invoice, make_payments
from inprocess import Http
from tables import by_row

PATH = "/admin/invoices/7/invoice_payments"
ROWS = [
    {"amount_cents": 1000, "payment_method_id": 1, "date": date(2024, 1, 1), "accounted": True},
    {"amount_cents": 2500, "payment_method_id": None, "date": date(2024, 1, 2), "accounted": False},
    {"amount_cents": 2500, "payment_method_id": 5, "date": date(2024, 2, 1), "accounted": True},
    {"amount_cents": -100, "payment_method_id": None, "date": date(2024, 3, 1), "accounted": False},
]


@pytest.fixture
def rows(database: Database, user: int) -> None:
    """Payments 1 to 4 of invoice 7, made a day apart from 2024-05-01T10:00:00Z on; and one of another invoice."""
    made = [{"created_at": at(f"2024-05-0{day}T10:00:00Z")} for day in range(1, 5)]
    invoice = make_invoice(database, user, id=7)
    make_payments(database, invoice, [row | stamp for row, stamp in zip(ROWS, made, strict=True)])
    make_payments(database, make_invoice(database, user), ROWS[:1])


def found(admin: Http, query: dict[str, Any]) -> list[int]:
    """The ids in the order listed."""
    return [row["id"] for row in admin.get(PATH, query=query)["invoice_payments"]]


FOUND = {
    "nothing-asked": ({}, [4, 3, 2, 1]),
    "eq": ({"q[amount_cents_eq]": 2500}, [3, 2]),
    "not_eq": ({"q[amount_cents_not_eq]": 2500}, [4, 1]),
    "gt": ({"q[amount_cents_gt]": 1000}, [3, 2]),
    "gteq": ({"q[amount_cents_gteq]": 1000}, [3, 2, 1]),
    "lt": ({"q[amount_cents_lt]": 1000}, [4]),
    "lteq": ({"q[amount_cents_lteq]": 1000}, [4, 1]),
    "negative": ({"q[amount_cents_eq]": -100}, [4]),
    "in": ({"q[id_in][]": [1, 3, 99]}, [3, 1]),
    "not_in": ({"q[id_not_in][]": [1, 3]}, [4, 2]),
    "null": ({"q[payment_method_id_null]": 1}, [4, 2]),
    "null-false": ({"q[payment_method_id_null]": 0}, [3, 1]),
    "not_null": ({"q[payment_method_id_not_null]": "true"}, [3, 1]),
    "present": ({"q[payment_method_id_present]": 1}, [3, 1]),
    "blank": ({"q[payment_method_id_blank]": 1}, [4, 2]),
    "boolean-true": ({"q[accounted_eq]": "true"}, [3, 1]),
    "boolean-1": ({"q[accounted_eq]": 1}, [3, 1]),
    "boolean-false": ({"q[accounted_eq]": "false"}, [4, 2]),
    "boolean-0": ({"q[accounted_eq]": 0}, [4, 2]),
    "date": ({"q[date_eq]": "2024-01-02"}, [2]),
    "date-range": ({"q[date_gteq]": "2024-01-02", "q[date_lt]": "2024-03-01"}, [3, 2]),
    "date-start": ({"q[date_start]": "2024-01"}, [2, 1]),
    "date-end": ({"q[date_end]": "-01"}, [4, 3, 1]),
    "date-cont": ({"q[date_cont]": "-02-"}, [3]),
    "date-not_cont": ({"q[date_not_cont]": "-02-"}, [4, 2, 1]),
    "time": ({"q[created_at_gt]": "2024-05-02T10:00:00Z"}, [4, 3]),
    "time-of-a-day": ({"q[created_at_lt]": "2024-05-02"}, [1]),
    "updated_at": ({"q[updated_at_lt]": "2024-05-02"}, []),
    "invoice": ({"q[invoice_id_eq]": 7}, [4, 3, 2, 1]),
    "another-invoice": ({"q[invoice_id_eq]": 8}, []),
    "method": ({"q[payment_method_id_eq]": 5}, [3]),
    "conditions-join": ({"q[amount_cents_eq]": 2500, "q[accounted_eq]": "true"}, [3]),
    "left-empty": ({"q[amount_cents_eq]": "", "q[date_eq]": ""}, [4, 3, 2, 1]),
    "scope-all": ({"scope": "all"}, [4, 3, 2, 1]),
    "scope-accounted": ({"scope": "accounted"}, [3, 1]),
    "scope-unaccounted": ({"scope": "unaccounted"}, [4, 2]),
    "scope-and-condition": ({"scope": "accounted", "q[amount_cents_gt]": 1000}, [3]),
    "order-id": ({"order": "id_asc"}, [1, 2, 3, 4]),
    "order-id-down": ({"order": "id_desc"}, [4, 3, 2, 1]),
    "order-date": ({"order": "date_asc"}, [1, 2, 3, 4]),
    "order-amount": ({"order": "amount_cents_asc"}, [4, 1, 2, 3]),
    "order-amount-down": ({"order": "amount_cents_desc"}, [3, 2, 1, 4]),
    "order-created": ({"order": "created_at_asc"}, [1, 2, 3, 4]),
    "page": ({"per_page": 3, "page": 2}, [1]),
    "page-of-what-is-left": ({"per_page": 1, "page": 2, "q[accounted_eq]": 1, "order": "id_asc"}, [3]),
    "other-arguments": ({"foo": "bar", "utf8": "✓", "commit": "Filter"}, [4, 3, 2, 1]),
}


@by_row("query, ids", FOUND)
def test_a_list_is(admin: Http, rows: None, query: dict[str, Any], ids: list[int]) -> None:
    assert found(admin, query) == ids


UNKNOWN = {
    "attribute": {"q[colour_eq]": 1},
    "column-not-shown": {"q[user_id_eq]": 1},
    "attribute-of-a-relation": {"q[invoice_state_eq]": "draft"},
    "predicate": {"q[amount_cents_matches]": 1},
    "no-predicate": {"q[amount_cents]": 1},
    "any": {"q[amount_cents_eq_any][]": [1, 2]},
    "all": {"q[amount_cents_eq_all][]": [1, 2]},
    "no-attribute": {"q[_eq]": 1},
    "no-name": {"q[]": 1},
    "left-empty": {"q[colour_eq]": ""},
    "nested": {"q[amount_cents_eq][a][b]": 1},
    "scope": {"scope": "paid"},
    "order": {"order": "colour_asc"},
    "order-without-direction": {"order": "date"},
    "order-in-sql": {"order": "id_desc; DROP TABLE payments"},
}


@by_row("query", UNKNOWN)
def test_what_is_unknown_is_refused(admin: Http, rows: None, query: dict[str, Any]) -> None:
    assert admin.get(PATH, query=query, status=422)["errors"]
    assert "<error>" in admin.get(f"{PATH}.xml", query=query, status=422)


NO_VALUES = {
    "integer": {"q[amount_cents_eq]": "abc"},
    "integer-beyond-64-bits": {"q[amount_cents_gt]": "9" * 30},
    "integer-of-20-characters": {"q[id_eq]": "9999999999999999999"},
    "one-of-several": {"q[id_in][]": ["1", "x"]},
    "date": {"q[date_gt]": "2024-02-30"},
    "time": {"q[created_at_gt]": "2024-05-02T99:00:00Z"},
    "boolean": {"q[accounted_eq]": "maybe"},
    "switch": {"q[payment_method_id_null]": "maybe"},
    "nul": {"q[date_cont]": "\x00"},
}


@by_row("query", NO_VALUES)
def test_a_value_that_is_none_is_refused(admin: Http, rows: None, query: dict[str, Any]) -> None:
    assert list(admin.get(PATH, query=query, status=422)["errors"]) == [next(iter(query)).removesuffix("[]")]


COMPARED = ["eq", "not_eq", "gt", "gteq", "lt", "lteq", "cont", "not_cont", "start", "end", "in", "not_in"]
SWITCHED = ["present", "blank", "null", "not_null"]


@pytest.mark.parametrize("path", [PATH, "/admin/payment_methods", "/admin/users"])
def test_every_attribute_takes_every_predicate(admin: Http, rows: None, path: str) -> None:
    """A predicate that makes no sense for it finds what it finds, or is refused."""
    record = admin.get(path, query={"per_page": 1})[path.rpartition("/")[2]][0]
    for name, value in record.items():
        text = "1" if value is None else str(value)
        queries = [{f"q[{name}_{predicate}]": text} for predicate in COMPARED]
        queries += [{f"q[{name}_{predicate}]": switch} for predicate in SWITCHED for switch in (0, 1)]
        for query in queries:
            assert admin.raw("GET", path, query=query).status_code in (200, 422), query


TEXTS = {
    "eq": ("invoice_no_eq", "INV-1", [1]),
    "cont": ("invoice_no_cont", "INV", [4, 2, 1]),
    "cont-in-any-case": ("invoice_no_cont", "inv", [4, 2, 1]),
    "not_cont": ("invoice_no_not_cont", "INV", [3]),
    "start": ("invoice_no_start", "INV-1", [2, 1]),
    "end": ("invoice_no_end", "0", [2]),
    "percent-is-a-character": ("invoice_no_cont", "%", [3]),
    "underscore-is-a-character": ("invoice_no_cont", "_", [4]),
    "quote-is-a-character": ("invoice_no_cont", "'", [4]),
    "state": ("state_eq", "paid", []),
    "computed": ("due_cents_eq", "0", [4, 3, 2, 1]),
    "from-another-table": ("currency_eq", "EUR", [3]),
    "from-another-table-in": ("currency_in", "EUR,USD", [4, 3, 2, 1]),
}


@by_row("name, value, ids", TEXTS)
def test_texts_of_invoices(admin: Http, database: Database, user: int, name: str, value: str, ids: list[int]) -> None:
    client_id = make_client(database, user)
    for number, currency in (("INV-1", 150), ("INV-10", 150), ("50%", 46), ("INV_'2", 150)):
        make_invoice(database, user, client_id=client_id, invoice_no=number, currency_id=currency)
    listed = admin.get("/admin/invoices", query={f"q[{name}]": value})["invoices"]
    assert [row["id"] for row in listed] == ids


def test_pages_are_of_30_and_may_be_of_10000(admin: Http, database: Database, user: int) -> None:
    make_payments(database, make_invoice(database, user, id=7), [{}] * 510)
    sizes = {"": 30, "?per_page=x": 30, "?per_page=0": 30, "?per_page=510": 510, "?per_page=99999": 510, "?page=18": 0}
    for arguments, size in sizes.items():
        assert len(admin.get(PATH + arguments)["invoice_payments"]) == size, arguments
