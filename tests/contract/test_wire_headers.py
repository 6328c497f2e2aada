"""Headers of answers: the second table of wire semantics, section 2, and the rulings on caching and Location."""

import re

import pytest
from inprocess import Http
from tables import by_row

GOOD = {"date": "2010-09-30", "amount": "100.00"}
REVALIDATE = "private, max-age=0, must-revalidate"
FORMATS = pytest.mark.parametrize("suffix", ["", ".json", ".xml"])


@FORMATS
@pytest.mark.parametrize("quoted", ["{}", "W/{}", '"other", {}', "*"])
def test_s2_etag_of_a_read_is_honoured_with_304(http: Http, payments: str, suffix: str, quoted: str) -> None:
    path = f"{payments}{suffix}"
    first = http.raw("GET", path)
    tag = first.headers["ETag"].removeprefix("W/")
    again = http.raw("GET", path, headers={"If-None-Match": quoted.format(tag)})
    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Type" not in again.headers
    assert again.headers["ETag"] == first.headers["ETag"]


def test_s2_etag_moves_with_every_write(http: Http, payments: str) -> None:
    before = http.raw("GET", payments).headers["ETag"]
    http.post(payments, payment=GOOD)
    answer = http.raw("GET", payments, headers={"If-None-Match": before})
    assert answer.status_code == 200
    assert answer.headers["ETag"] != before


def test_s2_etag_is_each_users_and_each_formats_own(http: Http, stranger: Http) -> None:
    tags = [who.raw("GET", f"/invoices{suffix}").headers["ETag"] for who in (http, stranger) for suffix in ("", ".xml")]
    assert len(set(tags)) == 4


def test_s2_if_modified_since_alone_is_ignored(http: Http, payments: str) -> None:
    headers = {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"}
    assert http.raw("GET", payments, headers=headers).status_code == 200


@by_row(
    "method, path, sent, status, expected",
    {
        "s2-cache-control-list": ("GET", "", {}, 200, REVALIDATE),
        "s2-cache-control-head": ("HEAD", "", {}, 200, REVALIDATE),
        "s2-cache-control-201": ("POST", "", {"payment": GOOD}, 201, "no-cache"),
        "s2-cache-control-422": ("POST", "", {"payment": {}}, 422, "no-cache"),
        "s2-cache-control-400": (
            "POST",
            "",
            {"body": "{", "content_type": "application/json"},
            400,
            "no-cache",
        ),
        "s2-cache-control-404": ("GET", "/999", {}, 404, "no-cache"),
        "s2-cache-control-405": ("DELETE", "", {}, 405, "no-cache"),
        "s2-cache-control-406": ("GET", ".yaml", {}, 406, "no-cache"),
        "s2-cache-control-401": ("GET", "", {"auth": None}, 401, "no-cache"),
    },
)
def test_cache_control(
    http: Http, payments: str, method: str, path: str, sent: dict, status: int, expected: str
) -> None:
    response = http.raw(method, payments + path, **sent)
    assert (response.status_code, response.headers.get("Cache-Control")) == (status, expected)


@by_row(
    "method, path, sent",
    {
        "s2-length-list": ("GET", "", {}),
        "s2-length-xml": ("GET", ".xml", {}),
        "s2-length-201": ("POST", "", {"payment": GOOD}),
        "s2-length-422": ("POST", "", {"payment": {}}),
        "s2-length-404": ("GET", "/999", {}),
        "s2-length-404-path": ("GET", "/1/nonsense", {}),
        "s2-length-405": ("DELETE", "", {}),
        "s2-length-406": ("GET", ".yaml", {}),
        "s2-length-401": ("GET", "", {"auth": None}),
    },
)
def test_content_length_is_always_sent_and_no_cookie_ever(
    http: Http, payments: str, method: str, path: str, sent: dict
) -> None:
    response = http.raw(method, payments + path, **sent)
    assert response.headers["Content-Length"] == str(len(response.data))
    assert "Set-Cookie" not in response.headers


def test_s2_content_length_of_an_empty_success_is_zero(http: Http, payment: str) -> None:
    assert http.raw("DELETE", payment).headers["Content-Length"] == "0"


def test_s2_vary_names_accept_where_there_is_no_suffix(http: Http, payments: str) -> None:
    assert "accept" in http.raw("GET", payments).headers.get("Vary", "").lower()


@FORMATS
def test_s2_location_is_absolute_and_not_nested(http: Http, payments: str, suffix: str) -> None:
    made = http.raw("POST", payments + suffix, payment=GOOD, host="shop.curdbee.test:8080")
    location = made.headers["Location"]
    assert re.fullmatch(r"http://shop\.curdbee\.test:8080/payments/\d+", location)
    member = f"{payments}/{location.rpartition('/')[2]}{suffix}"
    changed = http.raw("PUT", member, payment={"amount": 5}, host="shop.curdbee.test:8080")
    assert (changed.status_code, changed.headers["Location"]) == (200, location)


def test_s2_location_of_a_payment_can_be_read(http: Http, payments: str) -> None:
    made = http.raw("POST", payments, payment=GOOD)
    path = made.headers["Location"].removeprefix("http://localhost")
    assert http.raw("GET", path).data == made.data
