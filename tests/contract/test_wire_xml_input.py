"""XML bodies: wire semantics, section 6. Each row's id begins with s6."""

import pytest
from inprocess import Http
from tables import by_row

XML = "application/xml"
DATE = "<date>2010-09-30</date>"
AMOUNT = "<amount>5.00</amount>"


def payment_xml(inner: str) -> str:
    return f"<payment>{inner}</payment>"


def with_method(element: str) -> str:
    return payment_xml(DATE + AMOUNT + element)


def with_amount(element: str) -> str:
    return payment_xml(DATE + element)


def with_date(element: str) -> str:
    return payment_xml(element + AMOUNT)


# What is sent, and the fields by which its answer differs from 5.00 on 30 September 2010 without a method.
ACCEPTED = {
    "s6-dashed-name": (with_method("<payment-method>a</payment-method>"), {"payment_method": "a"}),
    "s6-underscored-name": (with_method("<payment_method>a</payment_method>"), {"payment_method": "a"}),
    "s6-both-names-underscored-last": (
        with_method("<payment-method>a</payment-method><payment_method>b</payment_method>"),
        {"payment_method": "b"},
    ),
    "s6-both-names-dashed-last": (
        with_method("<payment_method>b</payment_method><payment-method>a</payment-method>"),
        {"payment_method": "a"},
    ),
    "s6-camel-case-ignored": (with_method("<paymentMethod>a</paymentMethod>"), {}),
    "s6-unrelated-attributes": (f'<payment a="1" b="2">{DATE}<amount c="3">5.00</amount></payment>', {}),
    "s6-comment": (f"<!-- a --><payment><!-- b -->{DATE}<!-- c -->{AMOUNT}</payment><!-- d -->", {}),
    "s6-comment-in-value": (with_amount("<amount>5<!-- a -->.00</amount>"), {}),
    "s6-processing-instruction": (f"<?a b?><payment><?c d?>{DATE}{AMOUNT}</payment>", {}),
    "s6-namespace-prefix": (
        '<p:payment xmlns:p="urn:x"><p:date>2010-09-30</p:date><p:amount>5.00</p:amount></p:payment>',
        {},
    ),
    "s6-default-namespace": (f'<payment xmlns="urn:x">{DATE}{AMOUNT}</payment>', {}),
    "s6-type-integer": (with_amount('<amount type="integer">100.99</amount>'), {"amount": "100.99"}),
    "s6-type-integer-whole": (with_amount('<amount type="integer">100</amount>'), {"amount": "100.00"}),
    "s6-type-decimal": (with_amount('<amount type="decimal">5.00</amount>'), {}),
    "s6-type-float": (with_amount('<amount type="float">5.0</amount>'), {}),
    "s6-type-date": (with_date('<date type="date">2010-09-30</date>'), {}),
    "s6-type-datetime-utc": (with_date('<date type="datetime">2010-09-30T23:59:59Z</date>'), {}),
    "s6-type-datetime-offset": (with_date('<date type="datetime">2010-09-30T23:00:00-05:00</date>'), {}),
    "s6-type-datetime-rails-3": (with_date('<date type="dateTime">2010-09-30T00:00:00+09:00</date>'), {}),
    "s6-type-money": (with_amount('<amount type="money">5.00</amount>'), {}),
    "s6-type-string": (with_amount('<amount type="string">5.00</amount>'), {}),
    "s6-type-yaml": (
        with_method('<payment-method type="yaml">--- !ruby/object:A {}</payment-method>'),
        {"payment_method": "--- !ruby/object:A {}"},
    ),
    "s6-type-symbol": (
        with_method('<payment-method type="symbol">a</payment-method>'),
        {"payment_method": "a"},
    ),
    "s6-nil-optional": (with_method('<payment-method nil="true"/>'), {}),
    "s6-nil-with-text": (
        with_method('<payment-method nil="true">a</payment-method>'),
        {"payment_method": "a"},
    ),
    "s6-nil-false": (with_method('<payment-method nil="false">a</payment-method>'), {"payment_method": "a"}),
    "s6-nil-false-empty": (with_method('<payment-method nil="false"></payment-method>'), {}),
    "s6-empty-element": (with_method("<payment-method></payment-method>"), {}),
    "s6-empty-element-closed": (with_method("<payment-method/>"), {}),
    "s6-whitespace-in-text": (
        with_method("<payment-method> a b </payment-method>"),
        {"payment_method": " a b "},
    ),
    "s6-whitespace-in-number": (with_amount("<amount>\n  5.00\n</amount>"), {}),
    "s6-whitespace-in-date": (with_date("<date>\n  2010-09-30\n</date>"), {}),
    "s6-cdata": (
        with_method("<payment-method><![CDATA[<a> & b]]></payment-method>"),
        {"payment_method": "<a> & b"},
    ),
    "s6-cdata-amount": (with_amount("<amount><![CDATA[5.00]]></amount>"), {}),
    "s6-character-references": (
        with_method("<payment-method>&#233;&#x2603;</payment-method>"),
        {"payment_method": "é☃"},
    ),
    "s6-predefined-entities": (
        with_method("<payment-method>&lt;&gt;&amp;&quot;&apos;</payment-method>"),
        {"payment_method": "<>&\"'"},
    ),
    "s6-no-declaration": (payment_xml(DATE + AMOUNT), {}),
    "s6-declaration": ('<?xml version="1.0" encoding="UTF-8"?>\n' + payment_xml(DATE + AMOUNT), {}),
    "s6-leading-blank": ("\r\n  " + payment_xml(DATE + AMOUNT), {}),
    "s6-leading-blank-before-declaration": ('\n <?xml version="1.0"?>' + payment_xml(DATE + AMOUNT), {}),
    "s6-byte-order-mark": ("\ufeff" + payment_xml(DATE + AMOUNT), {}),
    "s6-byte-order-mark-and-declaration": (
        '\ufeff<?xml version="1.0" encoding="UTF-8"?>' + payment_xml(DATE + AMOUNT),
        {},
    ),
}


@by_row("body, changes", ACCEPTED)
def test_create_takes(http: Http, payments: str, body: str, changes: dict) -> None:
    response = http.raw("POST", f"{payments}.xml", body=body.encode("utf-8"), content_type=XML)
    assert response.status_code == 201, response.data
    made = http.get(payments)[0]["payment"]
    expected = {"date": "2010-09-30", "amount": "5.00", "payment_method": None} | changes
    assert {name: made[name] for name in expected} == expected


@by_row(
    "content_type",
    {
        "s6-content-type-xml": "application/xml",
        "s6-content-type-text": "text/xml",
        "s6-content-type-x-xml": "application/x-xml",
        "s6-content-type-plus-xml": "application/vnd.curdbee+xml",
    },
)
@pytest.mark.parametrize("suffix", ["", ".xml", ".json"])
def test_content_type_is_xml(http: Http, payments: str, suffix: str, content_type: str) -> None:
    http.post(payments + suffix, xml=payment_xml(DATE + AMOUNT), content_type=content_type)
    assert http.get(payments)[0]["payment"]["amount"] == "5.00"


BLANK_DATE = ["Date can't be blank"]
BLANK_AMOUNT = ["Amount can't be blank"]
NO_NUMBER = ["Amount is not a number"]

INVALID = {
    "s6-type-decimal-abc": (with_amount('<amount type="decimal">abc</amount>'), NO_NUMBER),
    "s6-type-integer-abc": (with_amount('<amount type="integer">abc</amount>'), NO_NUMBER),
    "s6-type-float-abc": (with_amount('<amount type="float">abc</amount>'), NO_NUMBER),
    "s6-type-date-impossible": (with_date('<date type="date">2010-02-30</date>'), BLANK_DATE),
    "s6-type-date-garbage": (with_date('<date type="date">garbage</date>'), BLANK_DATE),
    "s6-type-date-empty": (with_date('<date type="date"></date>'), BLANK_DATE),
    "s6-nil-required": (with_amount('<amount nil="true"/>'), BLANK_AMOUNT),
    "s6-nil-required-typed": (with_amount('<amount type="decimal" nil="true"></amount>'), BLANK_AMOUNT),
    "s6-nil-required-date": (with_date('<date type="date" nil="true"/>'), BLANK_DATE),
    "s6-empty-required": (with_amount("<amount></amount>"), BLANK_AMOUNT),
    "s6-blank-required": (with_amount("<amount>  </amount>"), BLANK_AMOUNT),
    "s5-duplicate-element": (with_amount("<amount>5</amount><amount>6</amount>"), NO_NUMBER),
    "s5-wrong-root-xml": (f"<invoice>{DATE}{AMOUNT}</invoice>", BLANK_DATE + BLANK_AMOUNT),
    "s5-list-root-xml": (
        f'<payments type="array"><payment>{DATE}{AMOUNT}</payment></payments>',
        BLANK_DATE + BLANK_AMOUNT,
    ),
    "s6-empty-root": ("<payment/>", BLANK_DATE + BLANK_AMOUNT),
    "s6-nil-root": ('<payment nil="true"/>', BLANK_DATE + BLANK_AMOUNT),
    "s6-empty-body": ("", BLANK_DATE + BLANK_AMOUNT),
    "s6-blank-body": (" \n", BLANK_DATE + BLANK_AMOUNT),
}


@by_row("body, messages", INVALID)
def test_create_says_what_is_wrong(http: Http, payments: str, body: str, messages: list) -> None:
    response = http.raw("POST", f"{payments}.xml", body=body, content_type=XML)
    lines = "".join(f"  <error>{message}</error>\n" for message in messages)
    expected = f'<?xml version="1.0" encoding="UTF-8"?>\n<errors>\n{lines}</errors>\n'
    assert (response.status_code, response.get_data(as_text=True)) == (422, expected)
    assert http.get(payments) == []


@by_row("body", {"s6-empty-body": "", "s6-empty-root": "<payment/>", "s6-root-of-blanks": "<payment>\n</payment>"})
def test_empty_update_is_200(http: Http, payment: str, body: str) -> None:
    before = http.raw("GET", f"{payment}.xml").data
    response = http.raw("PUT", f"{payment}.xml", body=body, content_type=XML)
    assert (response.status_code, response.data) == (200, before)


def test_s6_nil_takes_an_optional_field_away(http: Http, payment: str) -> None:
    http.put(f"{payment}.xml", xml='<payment><payment-method nil="true"/></payment>')
    assert http.get(payment)["payment"]["payment_method"] is None


@pytest.mark.parametrize(("text", "value"), [("true", True), ("1", True), ("false", False), ("0", False)])
def test_s6_type_boolean(http: Http, invoice_id: int, text: str, value: bool) -> None:
    flag = f'<allow-partial-payments type="boolean">{text}</allow-partial-payments>'
    http.put(f"/invoices/{invoice_id}.xml", xml=f"<invoice>{flag}</invoice>")
    assert http.get(f"/invoices/{invoice_id}")["invoice"]["allow_partial_payments"] is value
