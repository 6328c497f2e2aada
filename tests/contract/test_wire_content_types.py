"""Which reader a body gets, forms, and methods in disguise: wire semantics, section 5."""

import io

from inprocess import Http
from tables import by_row

AS_JSON = b'{"payment":{"date":"2010-09-30","amount":"5.00"}}'
AS_XML = b"<payment><date>2010-09-30</date><amount>5.00</amount></payment>"
AS_FORM = b"payment[date]=2010-09-30&payment[amount]=5.00"
JSON, XML, FORM = "application/json", "application/xml", "application/x-www-form-urlencoded"

# Suffix, Content-Type, body: each is a payment of 5.00 on 30 September 2010.
ACCEPTED = {
    "s5-charset-json": ("", "application/json; charset=utf-8", AS_JSON),
    "s5-charset-upper-case": ("", "Application/JSON;charset=UTF-8", AS_JSON),
    "s5-charset-xml": ("", "text/xml; charset=utf-8", AS_XML),
    "s5-charset-form": ("", f"{FORM}; charset=utf-8", AS_FORM),
    "s5-type-x-json": ("", "text/x-json", AS_JSON),
    "s5-type-jsonrequest": ("", "application/jsonrequest", AS_JSON),
    "s5-type-text-json": ("", "text/json", AS_JSON),
    "s5-type-plus-json": ("", "application/vnd.curdbee+json", AS_JSON),
    "s5-json-as-text-by-suffix": (".json", "text/plain", AS_JSON),
    "s5-json-as-text-by-look": ("", "text/plain", AS_JSON),
    "s5-json-without-type-by-suffix": (".json", None, AS_JSON),
    "s5-json-without-type-by-look": ("", None, b"\n " + AS_JSON),
    "s5-json-as-form-by-suffix": (".json", FORM, AS_JSON),
    "s5-json-as-form-by-look": ("", FORM, AS_JSON),
    "s5-json-as-octets": ("", "application/octet-stream", AS_JSON),
    "s5-xml-as-text-by-suffix": (".xml", "text/plain", AS_XML),
    "s5-xml-as-text-by-look": ("", "text/plain", AS_XML),
    "s5-xml-without-type": ("", None, AS_XML),
    "s5-xml-as-form-by-look": (".xml", FORM, AS_XML),
    "s5-json-to-xml-path": (".xml", JSON, AS_JSON),
    "s5-xml-to-json-path": (".json", XML, AS_XML),
    "s5-form": ("", FORM, AS_FORM),
    "s5-form-to-json-path": (".json", FORM, AS_FORM),
    "s5-form-to-xml-path": (".xml", FORM, AS_FORM),
    "s5-form-encoded-brackets": ("", FORM, b"payment%5Bdate%5D=2010%2F09%2F30&payment%5Bamount%5D=+5.00+"),
    "s5-form-last-wins": ("", FORM, b"payment[amount]=9&payment[date]=2010-09-30&payment[amount]=5"),
    "s5-form-other-fields": ("", FORM, AS_FORM + b"&commit=Save&utf8=%E2%9C%93&a[]=1&a[]=2"),
}


@by_row("suffix, content_type, body", ACCEPTED)
def test_body_is_understood(http: Http, payments: str, suffix: str, content_type: str | None, body: bytes) -> None:
    response = http.raw("POST", payments + suffix, body=body, content_type=content_type)
    assert response.status_code == 201, response.data
    assert response.mimetype in {"": (JSON, XML), ".json": (JSON,), ".xml": (XML,)}[suffix]
    (row,) = http.get(payments)
    assert (row["payment"]["date"], row["payment"]["amount"]) == ("2010-09-30", "5.00")


def test_s5_multipart_is_understood(http: Http, payments: str) -> None:
    form = {"payment[date]": "2010-09-30", "payment[amount]": "5.00", "file": (io.BytesIO(b"x"), "a.txt")}
    response = http.raw("POST", payments, form=form)
    assert response.request.mimetype == "multipart/form-data"
    assert response.status_code == 201, response.data
    assert http.get(payments)[0]["payment"]["amount"] == "5.00"


@by_row(
    "path, content_type, body, statuses",
    {
        "s5-text-is-as-empty": ("", "text/plain", b"hello", (422,)),
        "s5-query-string": ("?payment[date]=2010-09-30&payment[amount]=5.00", None, b"", (201, 422)),
        "s5-multi-parameter-date": (
            "",
            FORM,
            b"payment[date(1i)]=2010&payment[date(2i)]=9&payment[date(3i)]=30&payment[amount]=5.00",
            (201, 422),
        ),
        "s5-flat-form": ("", FORM, b"date=2010-09-30&amount=5.00", (201, 422)),
        "s5-json-labelled-xml": ("", XML, AS_JSON, (201, 400)),
        "s5-xml-labelled-json": ("", JSON, AS_XML, (201, 400)),
        "s5-form-conflicting-shapes": ("", FORM, b"payment=5&payment[amount]=5.00", (400, 422)),
        "s5-form-invalid-utf-8": ("", FORM, AS_FORM + b"&payment[payment_method]=caf%E9", (400, 422)),
        "s5-form-nul": ("", FORM, AS_FORM + b"&payment[payment_method]=a%00b", (422,)),
        "s5-form-deep": ("", FORM, b"payment" + b"[a]" * 5000 + b"=1", (400, 422)),
    },
)
def test_body_that_may_be_taken_or_refused_but_never_crashes(
    http: Http, payments: str, path: str, content_type: str | None, body: bytes, statuses: tuple
) -> None:
    response = http.raw("POST", payments + path, body=body, content_type=content_type)
    assert response.status_code in statuses, response.data
    rows = [(row["payment"]["date"], row["payment"]["amount"]) for row in http.get(payments)]
    assert rows == ([("2010-09-30", "5.00")] if response.status_code == 201 else [])


PUT_IN_DISGUISE = {
    "s5-override-form-put": {"body": b"_method=put&payment[amount]=75", "content_type": FORM},
    "s5-override-form-upper": {"body": b"_method=PUT&payment[amount]=75", "content_type": FORM},
    "s5-override-form-last": {"body": b"payment[amount]=75&_method=put", "content_type": FORM},
    "s5-override-form-patch": {"body": b"_method=patch&payment[amount]=75", "content_type": FORM},
    "s5-override-header": {"headers": {"X-HTTP-Method-Override": "PUT"}, "payment": {"amount": 75}},
    "s5-override-header-lower": {"headers": {"x-http-method-override": "put"}, "payment": {"amount": 75}},
}

DELETE_IN_DISGUISE = {
    "s5-override-form-delete": {"body": b"_method=delete", "content_type": FORM},
    "s5-override-form-charset": {"body": b"_method=delete", "content_type": f"{FORM}; charset=UTF-8"},
    "s5-override-header-delete": {"headers": {"X-HTTP-Method-Override": "Delete"}},
}

NO_DISGUISE = {
    "s5-override-in-query": ("?_method=put", {"payment": {"amount": 75}}),
    "s5-override-in-json": ("", {"json": {"_method": "delete", "payment": {"amount": 75}}}),
    "s5-override-in-multipart": (
        "",
        {
            "body": b'--b\r\nContent-Disposition: form-data; name="_method"\r\n\r\ndelete\r\n--b--\r\n',
            "content_type": "multipart/form-data; boundary=b",
        },
    ),
    "s5-override-unknown": ("", {"body": b"_method=brew", "content_type": FORM}),
    "s5-override-unknown-header": ("", {"headers": {"X-HTTP-Method-Override": "BREW"}}),
}


@by_row("sent", PUT_IN_DISGUISE)
def test_post_in_disguise_updates(http: Http, payment: str, sent: dict) -> None:
    for suffix in ("", ".json"):
        http.put(payment, payment={"amount": 50})
        assert http.raw("POST", payment + suffix, **sent).status_code == 200
        assert http.get(payment)["payment"]["amount"] == "75.00"


@by_row("sent", DELETE_IN_DISGUISE)
def test_post_in_disguise_deletes(http: Http, payment: str, sent: dict) -> None:
    assert http.raw("POST", payment, **sent).status_code == 200
    http.get(payment, status=404)


@by_row("query, sent", NO_DISGUISE)
def test_post_without_a_valid_disguise_is_405(http: Http, payment: str, query: str, sent: dict) -> None:
    assert http.raw("POST", payment + query, **sent).status_code == 405
    assert http.get(payment)["payment"]["amount"] == "50.00"


def test_s5_override_on_get_is_ignored(http: Http, payment: str) -> None:
    answers = [
        http.raw("GET", payment, headers={"X-HTTP-Method-Override": "DELETE"}),
        http.raw("GET", f"{payment}?_method=delete"),
        http.raw("GET", payment, body=b"_method=delete", content_type=FORM),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert http.get(payment)["payment"]["amount"] == "50.00"
