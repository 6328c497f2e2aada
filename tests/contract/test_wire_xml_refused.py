"""XML that is broken, hostile or in another encoding: wire semantics, section 6. Each row's id begins with s6."""

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from inprocess import Http
from tables import by_row

XML = "application/xml"
GOOD = "<date>2010-09-30</date><amount>5.00</amount>"
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 6))


def payment_xml(method: str, before: str = "") -> bytes:
    return f"{before}<payment>{GOOD}<payment-method>{method}</payment-method></payment>".encode()


MALFORMED = {
    "s6-malformed": b"<payment><date>2010-09-30</amount></payment>",
    "s6-truncated": f"<payment>{GOOD}".encode(),
    "s6-truncated-tag": f"<payment>{GOOD}</pay".encode(),
    "s6-plain-text": b"hello",
    "s6-two-roots": f"<payment>{GOOD}</payment><payment/>".encode(),
    "s6-undeclared-prefix-of-attribute": b'<payment a="1" a="2"/>',
    "s6-undefined-entity": payment_xml("&nbsp;"),
    "s6-control-character": payment_xml("a\x01b"),
    "s6-reference-to-control-character": payment_xml("&#1;"),
    "s6-internal-entity": payment_xml("&x;", '<!DOCTYPE payment [<!ENTITY x "y">]>'),
    "s6-internal-entity-unused": payment_xml("a", '<!DOCTYPE payment [<!ENTITY x "y">]>'),
    "s6-entity-bomb": payment_xml("&e5;", f'<!DOCTYPE payment [<!ENTITY e0 "aaaaaaaaaa">{BOMB}]>'),
    "s6-external-entity": payment_xml("&x;", '<!DOCTYPE payment [<!ENTITY x SYSTEM "file:///etc/hostname">]>'),
    "s6-parameter-entity": payment_xml("a", '<!DOCTYPE payment [<!ENTITY % x SYSTEM "file:///etc/hostname"> %x;]>'),
    "s6-latin-1-undeclared": f"<payment>{GOOD}<payment-method>caf\xe9</payment-method></payment>".encode("latin-1"),
    "s6-unknown-encoding": payment_xml("a", '<?xml version="1.0" encoding="x-klingon"?>'),
    "s6-nesting-2000": b"<payment>" + b"<a>" * 2000 + b"</a>" * 2000 + b"</payment>",
    "s6-nesting-100000": b"<payment>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</payment>",
    "s6-nesting-unclosed": b"<a>" * 1_000_000,
}


@by_row("body", MALFORMED)
def test_refused_with_400(http: Http, payments: str, payment: str, body: bytes) -> None:
    before = http.get(payments)
    for method, path in (("POST", payments), ("PUT", payment)):
        response = http.raw(method, f"{path}.xml", body=body, content_type=XML)
        assert (response.status_code, response.mimetype) == (400, XML), (method, response.data)
        errors = ElementTree.fromstring(response.data)
        assert (errors.tag, [error.tag for error in errors]) == ("errors", ["error"])
        assert errors[0].text.strip()
        assert Path("/etc/hostname").read_bytes().strip() not in response.data
    assert http.get(payments) == before


@by_row(
    "body",
    {
        "s6-iso-8859-1-declared": (
            '<?xml version="1.0" encoding="ISO-8859-1"?>'
            f"<payment>{GOOD}<payment-method>caf\xe9</payment-method></payment>"
        ).encode("latin-1"),
        "s6-us-ascii-declared": (
            '<?xml version="1.0" encoding="US-ASCII"?>'
            f"<payment>{GOOD}<payment-method>caf&#233;</payment-method></payment>"
        ).encode("ascii"),
    },
)
def test_declared_encoding_is_decoded(http: Http, payments: str, body: bytes) -> None:
    response = http.raw("POST", f"{payments}.xml", body=body, content_type=XML)
    assert response.status_code == 201, response.data
    assert http.get(payments)[0]["payment"]["payment_method"] == "café"


# Rows that leave a choice: the statuses allowed, and the methods that may be stored with a 201.
CHOICES = {
    "s6-utf-16-with-bom": (payment_xml("cash").decode().encode("utf-16"), (201, 400), "cash"),
    "s6-doctype-without-entities": (payment_xml("cash", "<!DOCTYPE payment>"), (201, 400), "cash"),
    "s6-doctype-with-system-id": (
        payment_xml("cash", '<!DOCTYPE payment SYSTEM "payment.dtd">'),
        (201, 400),
        "cash",
    ),
    "s6-mixed-content": (payment_xml("a<b>c</b>d"), (201, 422), "ad"),
    "s6-attributes-as-fields": (
        b'<payment date="2010-09-30" amount="5.00" payment-method="cash"/>',
        (201, 422),
        "cash",
    ),
    "s5-array-as-root-xml": (
        f'<payment type="array"><payment>{GOOD}</payment></payment>'.encode(),
        (400, 422),
        None,
    ),
    "s5-array-of-texts-as-root-xml": (b'<payment type="array"><a>1</a></payment>', (400, 422), None),
    "s6-text-as-root": (b"<payment>x</payment>", (422,), None),
}


@by_row("body, statuses, method", CHOICES)
def test_taken_as_meant_or_refused(http: Http, payments: str, body: bytes, statuses: tuple, method: str) -> None:
    response = http.raw("POST", f"{payments}.xml", body=body, content_type=XML)
    assert response.status_code in statuses, response.data
    stored = [(row["payment"]["amount"], row["payment"]["payment_method"]) for row in http.get(payments)]
    assert stored == ([("5.00", method)] if response.status_code == 201 else [])


@pytest.mark.parametrize("suffix", ["", ".xml", ".json"])
def test_s6_malformed_is_said_in_the_format_asked_for(http: Http, payments: str, suffix: str) -> None:
    response = http.raw("POST", payments + suffix, body="<payment>", content_type=XML)
    assert response.status_code == 400
    assert response.mimetype == ("application/json" if suffix == ".json" else XML)
