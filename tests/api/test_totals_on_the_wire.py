"""What an invoice adds up to, as clients send its terms and see its totals. The arithmetic is tested in test_totals."""

from decimal import Decimal
from typing import Any

import pytest
from inprocess import Http
from tables import by_row

EURO, DINAR, YEN = 46, 76, 69
SHOWN = ["sub_total", "discount_amount", "tax_amount", "tax2_amount", "shipping_amount", "total_billed"]
CENTS = ["sub_total_cents", "discount_cents", "tax_cents", "tax2_cents", "shipping_cents", "total_cents"]


def line(price: Any, quantity: Any = 1) -> dict[str, Any]:
    return {"name_and_description": "Work", "price": price, "quantity": quantity}


def make(http: Http, client_id: int, *lines: dict[str, Any], **terms: Any) -> dict[str, Any]:
    """An invoice, as its creation shows it."""
    sent = {"client_id": client_id, "line_items_attributes": list(lines), **terms}
    return http.post("/invoices", invoice=sent)["invoice"]


def amounts(invoice: dict[str, Any]) -> list[str]:
    """The totals without the symbol."""
    return [invoice[name].replace("$", "") for name in SHOWN]


HUNDRED = [line("40.00"), line("30.00", 2)]
TERMS = {
    # sub-total, discount, tax, tax2, shipping, total
    "none": ({}, "100.00 0.00 0.00 0.00 0.00 100.00"),
    "discount-percent": ({"discount": "10%"}, "100.00 10.00 0.00 0.00 0.00 90.00"),
    "discount-percent-fraction": ({"discount": "12.345%"}, "100.00 12.35 0.00 0.00 0.00 87.65"),
    "discount-amount": ({"discount": "10.50"}, "100.00 10.50 0.00 0.00 0.00 89.50"),
    "discount-number": ({"discount": 10}, "100.00 10.00 0.00 0.00 0.00 90.00"),
    "discount-rounds-half-away": ({"discount": 1.005}, "100.00 1.01 0.00 0.00 0.00 98.99"),
    "discount-blank": ({"discount": ""}, "100.00 0.00 0.00 0.00 0.00 100.00"),
    "discount-null": ({"discount": None}, "100.00 0.00 0.00 0.00 0.00 100.00"),
    "discount-beyond-everything": ({"discount": "150.00"}, "100.00 150.00 0.00 0.00 0.00 -50.00"),
    "discount-of-more-than-all": ({"discount": "150%"}, "100.00 150.00 0.00 0.00 0.00 -50.00"),
    "discount-negative": ({"discount": "-10"}, "100.00 -10.00 0.00 0.00 0.00 110.00"),
    "shipping-amount": ({"shipping": "5.00"}, "100.00 0.00 0.00 0.00 5.00 105.00"),
    "shipping-percent": ({"shipping": "5%"}, "100.00 0.00 0.00 0.00 5.00 105.00"),
    "shipping-percent-is-before-discount": (
        {"shipping": "10%", "discount": "50%"},
        "100.00 50.00 0.00 0.00 10.00 60.00",
    ),
    "shipping-is-untaxed": ({"shipping": "50.00", "tax": 10}, "100.00 0.00 10.00 0.00 50.00 160.00"),
    "shipping-by-phps-name": ({"shipping_amount": "5.00"}, "100.00 0.00 0.00 0.00 5.00 105.00"),
    "shipping-by-phps-name-number": ({"shipping_amount": 5}, "100.00 0.00 0.00 0.00 5.00 105.00"),
    "shipping-as-shown-by-a-new-one": ({"shipping_amount": "$0.00"}, "100.00 0.00 0.00 0.00 0.00 100.00"),
    "tax": ({"tax": "7.5"}, "100.00 0.00 7.50 0.00 0.00 107.50"),
    "tax-number": ({"tax": 7.5}, "100.00 0.00 7.50 0.00 0.00 107.50"),
    "tax-thousandths": ({"tax": "7.125"}, "100.00 0.00 7.13 0.00 0.00 107.13"),
    "tax-blank": ({"tax": ""}, "100.00 0.00 0.00 0.00 0.00 100.00"),
    "tax-after-discount": ({"tax": "10", "discount": "50"}, "100.00 50.00 5.00 0.00 0.00 55.00"),
    "tax2": ({"tax2": "5"}, "100.00 0.00 0.00 5.00 0.00 105.00"),
    "both-taxes": ({"tax": 10, "tax2": 5}, "100.00 0.00 10.00 5.00 0.00 115.00"),
    "tax2-compound": ({"tax": 10, "tax2": 5, "tax2_compound": True}, "100.00 0.00 10.00 5.50 0.00 115.50"),
    "tax2-compound-text": ({"tax": 10, "tax2": 5, "tax2_compound": "1"}, "100.00 0.00 10.00 5.50 0.00 115.50"),
    "tax2-not-compound": ({"tax": 10, "tax2": 5, "tax2_compound": False}, "100.00 0.00 10.00 5.00 0.00 115.00"),
    "everything": (
        {"discount": "10%", "shipping": "4.99", "tax": "15", "tax2": "2.5", "tax2_compound": True},
        "100.00 10.00 13.50 2.59 4.99 111.08",
    ),
}


@by_row("terms, expected", TERMS)
def test_terms_add_up(http: Http, admin: Http, client_id: int, terms: dict[str, Any], expected: str) -> None:
    made = make(http, client_id, *HUNDRED, **terms)
    assert amounts(made) == expected.split()
    assert http.get(f"/invoices/{made['id']}")["invoice"] == made
    in_cents = admin.get(f"/admin/invoices/{made['id']}")["invoice"]
    assert [in_cents[name] for name in CENTS] == [int(Decimal(amount) * 100) for amount in expected.split()]
    later = http.put(f"/invoices/{make(http, client_id, *HUNDRED)['id']}", invoice=terms)["invoice"]
    assert amounts(later) == expected.split()


@pytest.mark.parametrize("name", ["discount", "shipping", "tax"])
def test_terms_stay_until_they_are_changed(http: Http, client_id: int, name: str) -> None:
    path = f"/invoices/{make(http, client_id, *HUNDRED, **{name: '10%'})['id']}"
    shown = f"{name}_amount"
    assert http.put(path, invoice={"summary": "x"})["invoice"][shown] == "$10.00"
    assert http.put(path, invoice={"line_items_attributes": [line("100.00")]})["invoice"][shown] == "$20.00"
    assert http.put(path, invoice={name: ""})["invoice"][shown] == "$0.00"


def test_negative_money_has_the_sign_before_the_symbol(http: Http, client_id: int) -> None:
    made = make(http, client_id, line("5.00", -1))
    assert (made["sub_total"], made["total_billed"]) == ("-$5.00", "-$5.00")
    assert (made["total_due"], made["paid_total"]) == ("$0.00", "$0.00")


def test_no_thousands_are_separated(http: Http, client_id: int) -> None:
    assert make(http, client_id, line("1234567.89"))["total_billed"] == "$1234567.89"


NOT_NUMBERS = ["abc", "$5.00", "1,000", "5.", "%", "10%%", True, [5], {"a": 5}]


@pytest.mark.parametrize("sent", NOT_NUMBERS, ids=str)
def test_terms_that_are_no_number_are_refused(http: Http, client_id: int, sent: Any) -> None:
    for name in ("discount", "shipping", "tax", "tax2"):
        refused = http.post("/invoices", invoice={"client_id": client_id, name: sent}, status=422)
        assert refused == [[name, "is not a number"]]


def test_shipping_sent_back_as_it_was_shown_changes_nothing(http: Http, client_id: int) -> None:
    """The gem sends the whole record back; a percentage stays one."""
    path = f"/invoices/{make(http, client_id, *HUNDRED, shipping='5%')['id']}"
    shown = http.get(path)
    assert shown["invoice"]["shipping_amount"] == "$5.00"
    assert http.put(path, json=shown) == shown
    echoed = {"shipping_amount": "$5.00", "line_items_attributes": [line("100.00")]}
    assert http.put(path, invoice=echoed)["invoice"]["shipping_amount"] == "$10.00"


@pytest.mark.parametrize("other", ["$6.00", "$5", "€5.00", "5.00$", "free", True, ["$5.00"]])
def test_any_other_text_for_shipping_amount_is_refused(http: Http, client_id: int, other: Any) -> None:
    path = f"/invoices/{make(http, client_id, *HUNDRED, shipping='5.00')['id']}"
    refused = http.put(path, invoice={"shipping_amount": other}, status=422)
    assert refused == [["shipping_amount", "is not a number"]]
    assert http.get(path)["invoice"]["shipping_amount"] == "$5.00"


def test_a_bare_shipping_amount_replaces_what_was_shown(http: Http, client_id: int) -> None:
    path = f"/invoices/{make(http, client_id, *HUNDRED, shipping='5%')['id']}"
    assert http.put(path, invoice={"shipping_amount": "5.00"})["invoice"]["shipping_amount"] == "$5.00"
    more = http.put(path, invoice={"line_items_attributes": [line("100.00")]})["invoice"]
    assert more["shipping_amount"] == "$5.00"


IN_OTHER_CURRENCIES = {
    "yen-lines-round-to-whole-units": (YEN, {}, "¥277.00 ¥0.00 ¥0.00 ¥0.00 ¥0.00 ¥277.00"),
    "yen-terms-round-to-whole-units": (
        YEN,
        {"discount": "10%", "shipping": "10.50", "tax": 8},
        "¥277.00 ¥28.00 ¥20.00 ¥0.00 ¥11.00 ¥280.00",
    ),
    "yen-discount-of-an-amount": (YEN, {"discount": "10.49"}, "¥277.00 ¥10.00 ¥0.00 ¥0.00 ¥0.00 ¥267.00"),
    "euro": (EURO, {"tax": 8}, "€276.00 €0.00 €22.08 €0.00 €0.00 €298.08"),
    "dinars-have-hundredths": (DINAR, {"tax": 8}, "KWD276.00 KWD0.00 KWD22.08 KWD0.00 KWD0.00 KWD298.08"),
}


@by_row("currency, terms, expected", IN_OTHER_CURRENCIES)
def test_amounts_round_to_what_the_currency_has(
    http: Http, user: int, currency: int, terms: dict[str, Any], expected: str
) -> None:
    client_id = http.post("/clients", client={"name": "Acme", "currency_id": currency})["client"]["id"]
    made = make(http, client_id, line("150.50"), line("100.00", "1.255"), **terms)
    assert [made[name] for name in SHOWN] == expected.split()
    assert made["total_due"] == made["total_billed"]


def test_prices_of_yen_are_shown_with_two_decimals(http: Http, admin: Http) -> None:
    """5,000 yen are "5000.00" and 500000 everywhere."""
    client_id = http.post("/clients", client={"name": "Acme", "currency_id": YEN})["client"]["id"]
    made = make(http, client_id, line("5000"))
    assert (made["line_items"][0]["price"], made["line_items"][0]["total"]) == ("5000.00", "5000.00")
    assert admin.get(f"/admin/invoices/{made['id']}")["invoice"]["total_cents"] == 500_000


LARGEST = "9999999999999.99"  # with another cent 10^15 of them


def test_a_total_of_10_to_the_15_cents_is_taken_and_not_one_more(http: Http, client_id: int) -> None:
    made = make(http, client_id, line(LARGEST), line("0.01"))
    assert made["total_billed"] == "$10000000000000.00"
    for lines in ([line(LARGEST), line("0.02")], [line("1e12", 1000)], [line("-1e12", 1000)]):
        http.post("/invoices", invoice={"client_id": client_id, "line_items_attributes": lines}, status=422)
    path = f"/invoices/{made['id']}"
    http.put(path, invoice={"shipping": "0.01"}, status=422)
    assert http.get(path)["invoice"] == made
