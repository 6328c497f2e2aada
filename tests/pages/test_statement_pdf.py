"""The PDF of an invoice or estimate: the page's content, in any script its font has, over as many sheets as needed."""

import csv
import warnings
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from inprocess import Http
from permalinks import ADDRESS, line, made, permalink, printed
from pypdf import PdfReader
from tables import by_row

import curdbee_compat
from curdbee_compat.pdf.sheet import Line, Sheet, Style, visual

ARABIC, HEBREW = "شركة البن العربي", "עיצוב אריזה"
LONG = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"


@pytest.fixture
def sheet() -> Iterator[Sheet]:
    """A sheet to set lines on."""
    with Sheet() as sheet:
        yield sheet


def test_it_says_what_the_page_says(http: Http) -> None:
    lines = [line("Website redesign\nTwelve pages", "1850.00"), line("Photography", "420.00", "1.5", "days")]
    terms = {"discount": "10%", "tax": "8.25", "tax2": "2.5", "shipping": "15.00", "due_date": "2010-10-01"}
    texts = {"invoice_no": "INV-007", "summary": "Autumn 2010", "notes": "Thank you.\nPay soon."}
    invoice = made(http, "invoice", ADDRESS, line_items_attributes=lines, **terms, **texts)
    http.post(f"/invoices/{invoice['id']}/payments", payment={"date": "2010-09-02", "amount": "1000"})
    [text] = printed(http, permalink(http, invoice))
    for part in (
        *("Invoice INV-007", "Partly paid", "Autumn 2010", "Amount due $1,486.94", "demo", "demo@example.test"),
        *("Northwind Ltd", "14 Quayside Lane", "Unit 3", "Bristol, Avon BS1 4QX", "United Kingdom"),
        *("Date", "1 September 2010", "Due date", "1 October 2010", "Currency", "USD"),
        *("Website redesign", "Twelve pages", "1,850.00", "Photography", "1.5", "days", "420.00", "630.00"),
        *("Sub-total $2,480.00", "Discount (10%) \N{MINUS SIGN}$248.00", "Tax (8.25%) $184.14", "Tax 2 (2.5%) $55.80"),
        *("Shipping $15.00", "Total $2,486.94", "Paid $1,000.00", "Thank you.", "Pay soon.", "Page 1 of 1"),
    ):
        assert part in text


def test_an_estimate_has_nothing_to_pay(http: Http) -> None:
    [text] = printed(http, permalink(http, made(http, "estimate", estimate_no="E-1")))
    assert "Estimate E-1" in text
    assert "Total $200.00" in text
    assert [word for word in ("Paid", "Amount due", "Due date", "Tax", "Discount", "Unit") if word in text] == []


@by_row(
    "number, name",
    {
        "plain": ("INV-007", "invoice-INV-007.pdf"),
        "slashes": ("2010/09/7", "invoice-2010-09-7.pdf"),
        "header injection": ('x"\r\nSet-Cookie: a=b', "invoice-x-Set-Cookie-a-b.pdf"),
        "path": ("../../etc", "invoice-etc.pdf"),
        "Arabic": ("فاتورة", "invoice.pdf"),
        "long": ("N" * 200, f"invoice-{'N' * 100}.pdf"),
    },
)
def test_it_opens_in_the_browser_under_a_safe_name(http: Http, number: str, name: str) -> None:
    response = http.raw("GET", f"{permalink(http, made(http, invoice_no=number))}.pdf", auth=None)
    assert response.headers["Content-Disposition"] == f"inline; filename={name}"
    assert "Set-Cookie" not in response.headers


def test_nobody_else_learns_of_it(http: Http) -> None:
    response = http.raw("GET", f"{permalink(http, made(http))}.pdf", auth=None)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["X-Robots-Tag"] == "noindex, nofollow"


def test_a_usual_invoice_takes_one_sheet_of_a4(http: Http) -> None:
    lines = [line(f"Item {number}\nWhat it is", "20.00", number) for number in range(1, 16)]
    terms = {"discount": "10%", "tax": "8.25", "shipping": "15.00", "notes": "Thank you.\nPay soon.", "summary": "s"}
    path = permalink(http, made(http, "invoice", ADDRESS, line_items_attributes=lines, **terms))
    [sheet] = PdfReader(BytesIO(http.raw("GET", f"{path}.pdf", auth=None).data)).pages
    assert [round(float(side) / 72 * 25.4) for side in sheet.mediabox[2:]] == [210, 297]


def test_many_lines_go_on_below_the_head_of_the_table(http: Http) -> None:
    lines = [line(f"Line {number}", "1.00", number) for number in range(1, 501)]
    pages = printed(http, permalink(http, made(http, line_items_attributes=lines)))
    assert len(pages) > 5
    assert all("Description Quantity Price Amount" in text for text in pages)
    assert f"Page 2 of {len(pages)}" in pages[1]
    whole = " ".join(pages)
    assert [number for number in range(1, 501) if f"Line {number} {number} 1.00" not in whole] == []
    assert "Total $125,250.00" in pages[-1]


def test_one_line_may_be_longer_than_a_sheet(http: Http) -> None:
    text = "\n".join(f"Paragraph {number}" for number in range(1, 151))
    pages = printed(http, permalink(http, made(http, line_items_attributes=[line(text)], notes=text)))
    assert len(pages) >= 4
    assert " ".join(pages).count("Paragraph 150") == 2


@by_row(
    "sent",
    {
        "long words": {
            "client": {"name": LONG * 4, "address": LONG * 20},
            "summary": LONG * 9,
            "invoice_no": "N" * 200,
        },
        "long line": {"line_items_attributes": [line(LONG * 50, "99999999.99", "9999.1234", "u" * 200)]},
        "long notes": {"notes": LONG * 200},
        "credit": {"line_items_attributes": [line(price="-5")]},
        "no lines": {"line_items_attributes": []},
        "blank text": {"notes": " \n\n ", "summary": "\t"},
        "what no font of ours has": {
            "notes": "漢字 नमस्ते 👨‍👩‍👧 \ue000 \ufdd0 \u200b \u2028",
            "client": {"name": "日本語"},
        },
        "what FPDF takes for a command": {"notes": "{nb} **bold** __line__ [a](b)", "client": {"name": "{nb}"}},
        "marks of direction": {"notes": "\u202eevil\u202c \u2066a\u2069 \u200fb\u200e"},
        "combining marks": {"notes": "e\u0301 " + "\u0301" * 500},
    },
)
def test_nothing_that_can_be_stored_breaks_it(http: Http, sent: dict[str, Any]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert "Total" in " ".join(printed(http, permalink(http, made(http, **sent))))


def test_braces_are_no_page_numbers(http: Http) -> None:
    assert "{nb} of {nb}" in printed(http, permalink(http, made(http, notes="{nb} of {nb}")))[0]


def test_what_the_font_lacks_is_marked(http: Http) -> None:
    assert "a \ufffd\ufffd b" in printed(http, permalink(http, made(http, notes="a 漢字 b")))[0]


@pytest.mark.parametrize(
    "text", [ARABIC, HEBREW, "Größe ÀŒ ș", "Ελληνικά", "Русский ґ", "Tiếng Việt", "ქართული", "Հայերեն"]
)
def test_these_scripts_are_covered(sheet: Sheet, text: str) -> None:
    for style in (Style(), Style(bold=True)):
        assert [line.text for line in sheet.lines(text, style)] == [text]


def test_every_currency_has_its_symbol(sheet: Sheet) -> None:
    folder = Path(curdbee_compat.__file__).parent
    with open(folder / "migrations" / "currencies.csv", newline="", encoding="utf-8") as file:
        symbols = "".join(row["symbol"] for row in csv.DictReader(file))
    for style in (Style(), Style(bold=True)):
        assert "\ufffd" not in "".join(line.text for line in sheet.lines(symbols, style))


def test_arabic_letters_are_joined(sheet: Sheet) -> None:
    """Joined, they have other glyphs than alone, and narrower ones."""
    alone = sum(sheet.measured(letter, Style()) for letter in ARABIC)
    assert sheet.measured(ARABIC, Style()) < 0.9 * alone


def test_right_to_left_texts_can_be_copied(http: Http) -> None:
    [text] = printed(http, permalink(http, made(http, notes=ARABIC, summary=HEBREW)))
    assert ARABIC in text
    assert HEBREW in text


@by_row(
    "text, rtl, runs",
    {
        "Hebrew in English": ("one אחת two", False, [("one ", False), ("אחת", True), (" two", False)]),
        "English in Hebrew": ("אחת two שלוש", True, [(" שלוש", True), ("two", False), ("אחת ", True)]),
        "number after Arabic": ("a سعر 12 b", False, [("a ", False), ("12", False), ("سعر ", True), (" b", False)]),
        "price in Arabic": ("سعر 12.50 دولار", True, [(" دولار", True), ("12.50", False), ("سعر ", True)]),
        "one direction": ("عربي فقط", True, [("عربي فقط", True)]),
        "non-joiner": ("می\u200cکنم", True, [("می\u200cکنم", True)]),
    },
)
def test_runs_stand_in_the_order_of_the_bidirectional_algorithm(text: str, rtl: bool, runs: list[Any]) -> None:
    assert list(visual(Line(text, 0, 0, Style(), rtl))) == runs


def test_a_long_mixed_paragraph_is_broken_before_it_is_ordered(sheet: Sheet) -> None:
    """The first line holds the first words, whatever their direction."""
    text = f"{ARABIC} one two three " * 8
    broken = [line.text for line in sheet.lines(text.strip(), Style(), width=60)]
    assert len(broken) > 3
    assert " ".join(broken) == text.strip()
    assert all(line.rtl for line in sheet.lines(text, Style(), width=60))
