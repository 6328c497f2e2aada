"""What no client should send, on every path that is not a payment's: refused, never stored, never a 5xx, never HTML."""

import pytest
from inprocess import Http
from kinds import KINDS, Kind, everything, make, make_parents
from tables import by_row
from werkzeug.test import TestResponse

NEW = {name: KINDS[name] for name in ("estimates", "items", "recurring_profiles")}
STATEMENTS = {name: KINDS[name] for name in ("invoices", "estimates", "recurring_profiles")}
ACTIONS = [
    *("/invoices/1/close", "/invoices/1/reopen", "/invoices/1/duplicate"),
    *("/estimates/1/close", "/estimates/1/reopen", "/estimates/1/duplicate", "/estimates/1/convert"),
]
JSON, XML = "application/json", "application/xml"


@pytest.fixture(autouse=True)
def one_of_each(http: Http) -> None:
    """Client 1, an invoice 1, and a record 1 of each kind that is tried here."""
    make_parents(http)
    for kind in NEW.values():
        assert make(http, kind)["id"] == 1


def legal(response: TestResponse) -> TestResponse:
    """An answer that an old client can read, whatever was wrong: JSON, XML or nothing."""
    assert response.status_code < 500, response.data
    assert response.mimetype in (JSON, XML), response.data
    if response.mimetype == JSON and response.data:
        assert response.json is not None
    assert b"<html" not in response.data.lower()
    return response


MALFORMED = {
    "json-cut-off": (JSON, b'{"%s":'),
    "json-bare-words": (JSON, b"%s"),
    "json-comment": (JSON, b'{"%s":{}} // yes'),
    "json-nan": (JSON, b'{"%s":{"discount":NaN}}'),
    "json-not-utf-8": (JSON, b'{"%s":{"notes":"\xff"}}'),
    "json-too-deep": (JSON, b'{"%s":' + b"[" * 5000 + b"]" * 5000 + b"}"),
    "xml-cut-off": (XML, b"<%s><notes>"),
    "xml-text": (XML, b"%s"),
    "xml-entity": (XML, b'<!DOCTYPE a [<!ENTITY x "y">]><%s><notes>&x;</notes></%s>'),
    "xml-outside": (XML, b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><%s><notes>&x;</notes></%s>'),
    "xml-unknown-encoding": (XML, b'<?xml version="1.0" encoding="no-such"?><%s/>'),
    "xml-too-deep": (XML, b"<%s>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</%s>"),
    "form-not-utf-8": ("application/x-www-form-urlencoded", b"%s[notes]=%%FF"),
}


@by_row("kind", NEW)
def test_a_malformed_body_is_400(http: Http, kind: Kind) -> None:
    before = everything(http)
    for case, (content_type, template) in MALFORMED.items():
        body = template.replace(b"%s", kind.root.encode()).replace(b"%%", b"%")
        for method, path in (("POST", kind.path), ("PUT", f"{kind.path}/1")):
            told = legal(http.raw(method, f"{path}.json", body=body, content_type=content_type))
            assert (told.status_code, [pair[0] for pair in told.json]) == (400, ["base"]), (case, method)
            told = legal(http.raw(method, f"{path}.xml", body=body, content_type=content_type))
            assert (told.status_code, b"<errors>\n  <error>" in told.data) == (400, True), (case, method)
    assert everything(http) == before


@by_row("kind", NEW)
def test_a_root_that_holds_no_attributes_is_422(http: Http, kind: Kind) -> None:
    before = everything(http)
    for value in ("x", 5, True, [1], [{}], [["notes", "n"]]):
        for method, path in (("POST", kind.path), ("PUT", f"{kind.path}/1")):
            assert legal(http.raw(method, path, json={kind.root: value})).status_code == 422, (value, method)
    assert everything(http) == before


NOTHING = {
    "nothing": {},
    "no-content": {"content_type": JSON},
    "blank": {"body": " \n", "content_type": JSON},
    "empty-object": {"json": {}},
    "null": {"json": None},
    "text": {"json": "x"},
    "array": {"json": [1, 2]},
    "another-root": {"json": {"payment": {"amount": 5}}},
    "empty-document": {"xml": " "},
    "another-element": {"xml": "<payment><amount>5</amount></payment>"},
    "unknown-type": {"body": b"\x00\x01", "content_type": "application/octet-stream"},
}


@by_row("kind", NEW)
def test_nothing_sent_creates_nothing_and_changes_nothing(http: Http, kind: Kind) -> None:
    before, record = everything(http), http.get(f"{kind.path}/1")
    for case, sent in (NOTHING | {"null-root": {"json": {kind.root: None}}}).items():
        sent = {"headers": {"Accept": JSON}} | sent
        refused = legal(http.raw("POST", kind.path, **sent))
        assert (refused.status_code, refused.json) == (422, kind.missing), case
        assert http.put(f"{kind.path}/1", **sent) == record, case
    assert everything(http) == before


TEXTS = {
    "estimates": ("notes", "summary", "estimate_no"),
    "items": ("name", "units", "description"),
    "recurring_profiles": ("notes", "profile_name", "invoice_no", "payment_due_term"),
}


UNREADABLE = ["a\x00b", "a\x01b", "\x1b[31m", "\ud800", "\uffff", {"a": 1}, ["a"]]


@pytest.mark.parametrize("name", NEW)
def test_what_no_list_could_be_read_with_is_refused(http: Http, name: str) -> None:
    """Control characters, half a character, no character; and what is no text."""
    kind, before = KINDS[name], everything(http)
    for attribute in TEXTS[name]:
        for text in UNREADABLE:
            sent, invalid = {attribute: text}, [[attribute, "is invalid"]]
            assert http.post(kind.path, json={kind.root: kind.created | sent}, status=422) == invalid
            assert http.put(f"{kind.path}/1", json={kind.root: sent}, status=422) == invalid
    assert everything(http) == before


LINES = {
    "control-character": {"name_and_description": "a\x01"},
    "blank": {},
    "text": "x",
    "price": {"name_and_description": "a", "price": "abc", "quantity": 1},
    "quantity": {"name_and_description": "a", "price": 1, "quantity": "1e400"},
    "line-of-nobody": {"id": 99, "price": 1},
    "total-too-large": {"name_and_description": "a", "price": "9999999999999", "quantity": 99999999},
}


TERMS = {
    "discount": {"discount": "abc"},
    "discount-infinite": {"discount": "1e400%"},
    "shipping": {"shipping": ["5"]},
    "shown-shipping-of-another": {"shipping_amount": "$77.00"},
    "tax": {"tax": {"a": 1}},
    "tax-huge": {"tax2": "99999999999"},
    "due-date": {"due_date": "2011-02-30"},
    "date": {"date": 20110203},
    "payment-options": {"payment_options": {"a": 1}},
    "lines": {"line_items_attributes": 5},
    "compound": {"tax2_compound": [1]},
    "client-of-nobody": {"client_id": 99},
    "client-beyond-any-column": {"client_id": "9" * 5000},
    "client-as-an-object": {"client_id": {"id": 1}},
}
DUE_DATES = {"due-date"}  # which a profile has none of: what is not there is ignored


@by_row("kind", STATEMENTS)
def test_one_bad_line_or_term_refuses_the_whole_statement(http: Http, kind: Kind) -> None:
    before = everything(http)
    good = kind.created["line_items_attributes"][0]
    lines = {f"line-{case}": {"line_items_attributes": [good, line]} for case, line in LINES.items()}
    left_out = DUE_DATES if kind.root == "recurring_profile" else set()
    for case, values in (lines | TERMS).items():
        for method, path, rest in (("POST", kind.path, kind.created), ("PUT", f"{kind.path}/1", {"notes": "changed"})):
            if case not in left_out:
                response = legal(http.raw(method, path, json={kind.root: rest | values}))
                assert response.status_code == 422, (case, method)
    assert everything(http) == before


@by_row("kind", STATEMENTS)
def test_another_users_client_is_invalid(http: Http, stranger: Http, kind: Kind) -> None:
    theirs = stranger.post("/clients", client={"name": "Theirs"})["client"]["id"]
    before = everything(http), everything(stranger)
    for method, path in (("POST", kind.path), ("PUT", f"{kind.path}/1")):
        refused = http.raw(method, path, json={kind.root: kind.created | {"client_id": theirs, "notes": "n"}})
        assert (refused.status_code, refused.json) == (422, [["client_id", "is invalid"]])
    assert (everything(http), everything(stranger)) == before
    assert http.get(kind.path, query={"client": theirs}) == []


def test_an_unknown_currency_is_invalid(http: Http) -> None:
    before = everything(http)
    for sent in (99999, "abc", -1, [150], 2**64):
        for method, path in (("POST", "/clients"), ("PUT", "/clients/1")):
            refused = http.raw(method, path, client={"name": "Other", "currency_id": sent})
            assert (refused.status_code, refused.json) == (422, [["currency_id", "is invalid"]]), sent
    assert everything(http) == before


ODD_IDS = ["0", "-1", "abc", "1abc", "1.5", "9" * 20, "%D9%A1", "%00", "%FF", "1%2f2", "new"]


PATHS = [*(kind.path for kind in NEW.values()), *ACTIONS]
MEMBERS = [f"{kind.path}/1" for kind in NEW.values()]


def test_odd_ids_are_missing(http: Http) -> None:
    before = everything(http)
    for path in MEMBERS + ACTIONS:
        for number in ODD_IDS:
            odd = f"{path}/".replace("/1/", f"/{number}/").removesuffix("/")
            for method in ("POST",) if path in ACTIONS else ("GET", "HEAD", "PUT", "PATCH", "DELETE"):
                response = legal(http.raw(method, f"{odd}.json", json={}))
                assert response.status_code == 404, (method, odd)
    assert everything(http) == before


def test_a_method_that_is_not_allowed_is_405_and_says_which_are(http: Http) -> None:
    before = everything(http)
    for path in PATHS + MEMBERS:
        of_one = {"GET", "PUT", "PATCH", "DELETE"} if path in MEMBERS else {"GET", "POST"}
        allowed = {"POST"} if path in ACTIONS else of_one
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "BREW"} - allowed:
            response = legal(http.raw(method, path, json={}))
            assert response.status_code == 405, (method, path)
            assert set(response.headers["Allow"].split(", ")) - {"HEAD"} == allowed
    assert everything(http) == before


UNWANTED = {
    "yaml": (".yaml", {}),
    "csv": (".csv", {}),
    "format": ("?format=html", {}),
    "accept": ("", {"Accept": "text/html"}),
    "nothing-wanted": ("", {"Accept": "application/json;q=0, application/xml;q=0"}),
}


@by_row("suffix, headers", UNWANTED)
def test_406_comes_before_anything_is_done(http: Http, suffix: str, headers: dict[str, str]) -> None:
    before = everything(http)
    sent = {kind.root: kind.created for kind in NEW.values()}
    for path in PATHS:
        assert legal(http.raw("POST", path + suffix, json=sent, headers=headers)).status_code == 406, path
    assert everything(http) == before


def test_nobody_gets_anywhere_without_a_login(http: Http) -> None:
    before = everything(http)
    for path in [*PATHS, "/default_settings/currencies", "/items/1"]:
        for method in ("GET", "POST", "PUT", "BREW"):
            response = legal(http.raw(method, f"{path}.json", body="{", content_type=JSON, auth=None))
            assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, 'Basic realm="CurdBee"')
    assert everything(http) == before
