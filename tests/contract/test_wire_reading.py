"""Which format, which path, which method: wire semantics, section 3. Each row's id begins with s3."""

import json

import pytest
from databases import Database
from factories import make_payments
from inprocess import Http
from tables import by_row

GOOD = {"date": "2010-09-30", "amount": "100.00"}
JSON, XML = "application/json", "application/xml"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
PHP = "text/json,text/html,text/plain,*/*"

# What follows the path, the headers sent, and the type of the answer.
ANSWERED = {
    "s3-suffix-json": (".json", {"Accept": XML}, JSON),
    "s3-suffix-xml": (".xml", {"Accept": JSON}, XML),
    "s3-suffix-over-content-type": (".json", {"Content-Type": XML}, JSON),
    "s3-suffix-over-html": (".xml", {"Accept": "text/html"}, XML),
    "s3-format-argument": ("?format=xml", {}, XML),
    "s3-format-argument-over-accept": ("?format=json", {"Accept": XML}, JSON),
    "s3-suffix-over-format-argument": (".json?format=xml", {}, JSON),
    "s3-accept-json": ("", {"Accept": JSON}, JSON),
    "s3-accept-xml": ("", {"Accept": XML}, XML),
    "s3-accept-text-xml": ("", {"Accept": "text/xml"}, XML),
    "s3-accept-over-content-type": ("", {"Accept": XML, "Content-Type": JSON}, XML),
    "s3-accept-anything": ("", {"Accept": "*/*"}, JSON),
    "s3-no-accept": ("", {}, JSON),
    "s3-no-accept-era-gem": ("", {"Content-Type": JSON}, JSON),
    "s3-no-accept-xml-content-type": ("", {"Content-Type": XML}, XML),
    "s3-no-accept-charset": ("", {"Content-Type": "text/xml; charset=utf-8"}, XML),
    "s3-no-accept-other-content-type": ("", {"Content-Type": "text/plain"}, JSON),
    "s3-accept-tie-in-order": ("", {"Accept": f"{XML}, {JSON}"}, XML),
    "s3-accept-tie-in-order-json": ("", {"Accept": f"{JSON}, {XML}"}, JSON),
    "s3-accept-by-q": ("", {"Accept": f"{XML};q=0.4, {JSON};q=0.5"}, JSON),
    "s3-accept-by-q-xml": ("", {"Accept": f"{JSON};q=0.4, {XML};q=0.5"}, XML),
    "s3-accept-q-zero": ("", {"Accept": f"{JSON};q=0, {XML};q=0.1"}, XML),
    "s3-accept-named-over-anything": ("", {"Accept": f"*/*, {XML};q=0.1"}, XML),
    "s3-accept-application-any": ("", {"Accept": "application/*"}, JSON),
    "s3-accept-text-any": ("", {"Accept": "text/*"}, XML),
    "s3-accept-browser": ("", {"Accept": BROWSER}, XML),
    "s3-accept-php": ("", {"Accept": PHP, "Content-Type": JSON}, JSON),
}

REFUSED = {
    "s3-accept-html-only": ("", {"Accept": "text/html"}),
    "s3-accept-all-excluded": ("", {"Accept": f"{JSON};q=0, {XML};q=0"}),
    "s3-suffix-yaml": (".yaml", {}),
    "s3-suffix-csv": (".csv", {}),
    "s3-suffix-foo": (".foo", {}),
    "s3-suffix-html": (".html", {}),
    "s3-suffix-js": (".js", {}),
    "s3-suffix-unknown-over-accept": (".yaml", {"Accept": JSON}),
    "s3-format-argument-unknown": ("?format=yaml", {"Accept": JSON}),
}


@by_row("suffix, headers, mimetype", ANSWERED)
def test_read_is_answered_in(http: Http, payments: str, suffix: str, headers: dict, mimetype: str) -> None:
    response = http.raw("GET", payments + suffix, headers=headers)
    assert (response.status_code, response.mimetype) == (200, mimetype), response.data


def test_s3_accept_anything_prefers_xml_for_an_xml_body(http: Http, payments: str) -> None:
    sent = "<payment><date>2010-09-30</date><amount>5</amount></payment>"
    response = http.raw("POST", payments, xml=sent, headers={"Accept": "*/*"})
    assert (response.status_code, response.mimetype) == (201, XML)


@by_row("suffix, headers", REFUSED)
def test_406_comes_before_any_effect(http: Http, payments: str, payment: str, suffix: str, headers: dict) -> None:
    before = http.get(payments)
    for method, path in (("GET", payments), ("POST", payments), ("PUT", payment), ("DELETE", payment)):
        response = http.raw(method, path + suffix, headers=headers, payment={"date": "2011-01-01", "amount": "1"})
        assert response.status_code == 406, method
        assert response.mimetype in (JSON, XML) or response.data.strip() == b""
    assert http.get(payments) == before


@by_row("path, mimetype", {"s3-suffix-upper-json": (".JSON", JSON), "s3-suffix-upper-xml": (".XML", XML)})
def test_upper_case_suffix_is_taken_or_406(http: Http, payments: str, path: str, mimetype: str) -> None:
    response = http.raw("GET", payments + path)
    assert response.status_code == 406 or (response.status_code, response.mimetype) == (200, mimetype)


@by_row(
    "tail",
    {
        "s3-two-suffixes": ".json.xml",
        "s3-id-with-a-dot": "/1.5.json",
        "s3-id-with-a-dot-no-suffix": "/1.5",
        "s3-id-1abc": "/1abc.json",
        "s3-id-abc": "/abc.json",
        "s3-id-zero": "/0.json",
        "s3-id-negative": "/-1.json",
        "s3-id-20-digits": "/12345678901234567890.json",
        "s3-id-5000-digits": "/" + "9" * 5000,
        "s3-id-arabic-indic": "/%D9%A1",
        "s3-id-superscript": "/%C2%B9",
        "s3-new": "/new",
        "s3-new-json": "/new.json",
        "s3-edit": "/1/edit",
        "s3-edit-json": "/1/edit.json",
        "s3-unknown-path": "/1/nonsense",
        "s3-unknown-record": "/999.json",
    },
)
def test_404_in_the_format_asked_for(http: Http, payments: str, payment: str, tail: str) -> None:
    response = http.raw("GET", payments + tail, headers={"Accept": JSON})
    assert response.status_code == 404, response.data
    if response.mimetype == JSON:
        assert json.loads(response.data) == {"status": 404, "error": "Not Found"}
    else:
        assert response.mimetype == XML


@by_row(
    "path",
    {
        "s3-unknown-path-xml": "/nonsense.xml",
        "s3-unknown-record-xml": "/invoices/999.xml",
        "s3-unknown-parent-xml": "/invoices/999/payments.xml",
    },
)
def test_404_in_xml(http: Http, path: str) -> None:
    response = http.raw("GET", path)
    assert (response.status_code, response.mimetype) == (404, XML)
    assert b'<hash>\n  <status type="integer">404</status>\n  <error>Not Found</error>\n</hash>' in response.data


def test_s3_trailing_slash_is_answered_not_redirected(http: Http, payments: str, payment: str) -> None:
    assert http.raw("GET", f"{payments}/").data == http.raw("GET", payments).data
    assert http.raw("POST", f"{payments}/", payment=GOOD).status_code == 201
    assert http.raw("GET", f"{payment}.json/").status_code in (200, 404)
    assert http.raw("GET", f"{payments}.json/").status_code in (200, 404)
    assert http.raw("GET", f"/{payments}").status_code in (200, 404)


def test_s3_id_01_is_1(http: Http, payments: str, payment: str) -> None:
    number = payment.rpartition("/")[2]
    assert http.get(f"{payments}/0{number}.json") == http.get(payment)


@pytest.mark.parametrize("suffix", ["", ".json", ".xml"])
def test_s3_head_is_get_without_the_body(http: Http, payments: str, payment: str, suffix: str) -> None:
    for path in (payments + suffix, payment + suffix):
        read, asked = http.raw("GET", path), http.raw("HEAD", path)
        assert (asked.status_code, asked.data) == (200, b"")
        assert asked.headers["Content-Length"] == str(len(read.data))
        assert asked.headers["Content-Type"] == read.headers["Content-Type"]


def test_s3_head_of_a_missing_record_is_404(http: Http, payments: str) -> None:
    response = http.raw("HEAD", f"{payments}/999.xml")
    assert (response.status_code, response.data) == (404, b"")


@by_row(
    "method, member, allowed",
    {
        "s3-options-collection": ("OPTIONS", False, {"GET", "POST"}),
        "s3-options-member": ("OPTIONS", True, {"GET", "PUT", "DELETE"}),
        "s3-put-on-collection": ("PUT", False, {"GET", "POST"}),
        "s3-delete-on-collection": ("DELETE", False, {"GET", "POST"}),
        "s3-patch-on-collection": ("PATCH", False, {"GET", "POST"}),
        "s3-post-on-member": ("POST", True, {"GET", "PUT", "DELETE"}),
        "s3-trace": ("TRACE", False, {"GET", "POST"}),
        "s3-unknown-method": ("BREW", True, {"GET", "PUT", "DELETE"}),
    },
)
def test_405_says_what_is_allowed(
    http: Http, payments: str, payment: str, method: str, member: bool, allowed: set
) -> None:
    response = http.raw(method, payment if member else payments, payment=GOOD)
    assert response.status_code == 405, response.data
    said = {verb.strip() for verb in response.headers["Allow"].split(",")}
    assert allowed <= said
    assert method not in said - {"OPTIONS"}
    assert len(http.get(payments)) == 1


def test_s3_patch_is_put(http: Http, payment: str) -> None:
    response = http.raw("PATCH", payment, payment={"amount": "75"}, host="a.test")
    assert (response.status_code, response.headers["Location"]) == (
        200,
        f"http://a.test/payments/{payment[-1]}",
    )
    assert http.get(payment)["payment"]["amount"] == "75.00"


@pytest.fixture
def many(database: Database, payments: str) -> str:
    """The path of a list of 25 payments."""
    make_payments(database, int(payments.split("/")[2]), [{"amount_cents": 100 + n} for n in range(25)])
    return payments


# Arguments, and which of the 25 come: from (counting from 0) and how many.
PAGES = {
    "s3-paging-none": ("", 0, 25),
    "s3-paging-gem": ("?per_page=20&page=1", 0, 20),
    "s3-paging-second": ("?per_page=20&page=2", 20, 5),
    "s3-paging-page-alone": ("?page=2", 20, 5),
    "s3-paging-per-page-alone": ("?per_page=3", 0, 3),
    "s3-paging-past-the-end": ("?per_page=20&page=3", 0, 0),
    "s3-paging-far-past-the-end": ("?per_page=20&page=99999999999999999999999", 0, 0),
    "s3-paging-garbage-page": ("?page=abc", 0, 20),
    "s3-paging-garbage-per-page": ("?per_page=abc", 0, 20),
    "s3-paging-page-zero": ("?page=0&per_page=5", 0, 5),
    "s3-paging-page-negative": ("?page=-1&per_page=5", 0, 5),
    "s3-paging-per-page-zero": ("?per_page=0", 0, 20),
    "s3-paging-per-page-negative": ("?per_page=-5", 0, 20),
    "s3-paging-other-argument": ("?foo=bar", 0, 25),
}


@by_row("arguments, first, count", PAGES)
def test_paging(http: Http, many: str, arguments: str, first: int, count: int) -> None:
    whole = http.get(f"{many}.json")
    assert http.get(f"{many}.json{arguments}") == whole[first : first + count]


def test_s3_paging_is_capped_at_500(http: Http, database: Database, payments: str) -> None:
    make_payments(database, int(payments.split("/")[2]), [{"amount_cents": 1}] * 510)
    assert len(http.get(f"{payments}?per_page=100000")) == 500
    assert len(http.get(payments)) == 510
