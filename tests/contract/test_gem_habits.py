"""What the official Ruby gem sends, for every resource: no suffix and no Accept on writes, and whole records back."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from databases import Database
from factories import at, make_user, token_of
from inprocess import Http
from kinds import KINDS, LINE, SOON, Kind, everything, make, make_parents
from tables import by_row

LONG_AGO = "2010-09-30T01:47:50Z"
TABLES = ("clients", "items", "invoices", "estimates", "recurring_profiles", "payments")


class Gem:
    """The gem: its token in the query, a JSON Content-Type on everything, no Accept, `.json` on reads alone."""

    def __init__(self, http: Http, token: str) -> None:
        self._http, self._token = http, token

    def send(self, method: str, path: str, value: Any = None, **arguments: Any) -> tuple[int, Any]:
        """The status and the body, which the gem takes for JSON whatever it is."""
        body = b"" if value is None else json.dumps(value).encode()
        query = {"api_token": self._token} | arguments
        response = self._http.raw(
            method, path, body=body, content_type="application/json", query=query, auth=None, host="demo.curdbee.com"
        )
        return response.status_code, json.loads(response.data) if response.data else None

    def read(self, path: str, page: int = 1, **arguments: Any) -> Any:
        """A record, or 20 of them: the gem sends a page either way."""
        status, value = self.send("GET", f"{path}.json", per_page=20, page=page, **arguments)
        assert status == 200, value
        return value


@pytest.fixture
def gem(http: Http) -> Gem:
    """The gem with the token of the user `demo`, who has client 1 and invoice 1."""
    make_parents(http)
    return Gem(http, token_of("demo"))


@by_row("kind", KINDS)
def test_a_record_is_made_listed_changed_and_deleted(gem: Gem, kind: Kind) -> None:
    before = gem.read(kind.path)
    status, made = gem.send("POST", kind.path, {kind.root: kind.created})
    assert (status, list(made)) == (201, [kind.root])
    member = f"{kind.path}/{made[kind.root]['id']}"
    assert gem.read(member) == made
    assert gem.read(kind.path) == [*before, made]

    status, changed = gem.send("PUT", member, {kind.root: made[kind.root] | kind.changed})
    assert (status, changed[kind.root] | kind.after) == (200, changed[kind.root])
    assert gem.read(member) == changed

    assert gem.send("DELETE", member) == (200, None)
    assert gem.send("DELETE", member)[0] == 404
    assert gem.send("GET", f"{member}.json", per_page=20, page=1)[0] == 404
    assert gem.read(kind.path) == before


@by_row("kind", KINDS)
def test_mistakes_are_pairs_to_join(gem: Gem, kind: Kind) -> None:
    assert gem.send("POST", kind.path, {kind.root: {}}) == (422, kind.missing)
    _, made = gem.send("POST", kind.path, {kind.root: kind.created})
    member = f"{kind.path}/{made[kind.root]['id']}"
    assert gem.send("PUT", member, {kind.root: made[kind.root] | kind.refused}) == (422, kind.pairs)
    assert gem.read(member) == made


@pytest.mark.parametrize("name", ["payments", "clients", "estimates"])
def test_pages_of_20_until_one_is_empty(gem: Gem, http: Http, name: str) -> None:
    """Also where ten would be a page without asking, or all."""
    kind = KINDS[name]
    while len(gem.read(kind.path, page=2)) < 2:
        make(http, kind)
    pages = [gem.read(kind.path, page=page) for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [20, 2, 0]
    ids = [element[kind.root]["id"] for page in pages for element in page]
    assert ids == list(range(1, 23))


@by_row("kind", {name: kind for name, kind in KINDS.items() if "client_id" in kind.created})
def test_lists_can_be_of_one_client(gem: Gem, http: Http, kind: Kind) -> None:
    http.post("/clients", client={"name": "Second"})
    number = make(http, kind, client_id=2)["id"]
    make(http, kind)
    assert [element[kind.root]["id"] for element in gem.read(kind.path, client=2)] == [number]


def rich_client(http: Http) -> str:
    address = {"email": "zoe@example.test", "address": "1 Road\nBack door", "city": " Köln ", "country": "DE"}
    more = {"phone": "+49 1", "fax": "", "custom_field_name": "VAT", "custom_field_value": "DE 1"}
    http.put("/clients/1", client=address | more)
    return "/clients/1"


def in_yen(http: Http) -> str:
    """An invoice in a currency without decimals, over a third of something."""
    client_id = http.post("/clients", client={"name": "Tokyo", "currency_id": 69})["client"]["id"]
    line = LINE | {"price": "1000.4", "quantity": "0.3333"}
    sent = {"client_id": client_id, "line_items_attributes": [line], "shipping": "333.33", "tax": "8"}
    return f"/invoices/{http.post('/invoices', invoice=sent)['invoice']['id']}"


def rich(http: Http, path: str, **more: Any) -> str:
    """A statement with everything that a statement can have."""
    lines = [LINE | {"unit": "h", "sort_order": 2}, LINE | {"price": "-1.005", "quantity": 1.5, "sort_order": 1}]
    sent = {"client_id": 1, "date": "2011/02/03", "due_date": "2011-03-03", "notes": " two\nlines ", "summary": "s"}
    sent |= {"discount": "12.5%", "shipping": "7.5%", "tax": "19", "tax2": "2.5", "tax2_compound": True}
    sent |= {"payment_options": ["paypal", ""], "line_items_attributes": lines, "allow_partial_payments": True}
    root = path[1:].removesuffix("s")
    return f"{path}/{http.post(path, json={root: sent | more})[root]['id']}"


def then(http: Http, path: str, *actions: str) -> str:
    """The statement, after these actions on it."""
    for action in actions:
        http.raw("POST", f"{path}/{action}")
    return path


def paid(http: Http, path: str, amount: str) -> str:
    http.post(f"{path}/payments", payment={"date": "2011-02-04", "amount": amount})
    return path


def delivered(http: Http, path: str) -> str:
    http.post(f"/deliver{path.replace('s/', '/')}", delivery={"recipients": "zoe@example.test"}, status=200)
    return path


def rich_profile(http: Http) -> str:
    names = {"profile_name": "Rent", "invoice_no": "R", "frequency": "1", "occurences": "12", "start_date": SOON}
    return rich(http, "/recurring_profiles", payment_due_term="Net 15", save_as_draft=True, **names)


ECHOED: dict[str, Callable[[Http], str]] = {
    "client": rich_client,
    "client-of-a-name": lambda http: "/clients/1",
    "payment": lambda http: paid(http, "/invoices/1", "-3.50") + "/payments/1",
    "item": lambda http: f"/items/{make(http, KINDS['items'])['id']}",
    "item-without-a-price": lambda http: f"/items/{make(http, KINDS['items'], price=None)['id']}",
    "invoice-without-lines": lambda http: "/invoices/1",
    "invoice": lambda http: rich(http, "/invoices"),
    "invoice-with-flat-shipping": lambda http: rich(http, "/invoices", shipping="5.00", discount="1.50"),
    "invoice-below-nothing": lambda http: rich(http, "/invoices", shipping="-500"),
    "invoice-in-yen": in_yen,
    "invoice-delivered": lambda http: delivered(http, rich(http, "/invoices")),
    "invoice-partly-paid": lambda http: paid(http, rich(http, "/invoices"), "1"),
    "invoice-overpaid-and-closed": lambda http: then(http, paid(http, rich(http, "/invoices"), "500"), "close"),
    "estimate": lambda http: rich(http, "/estimates"),
    "estimate-delivered": lambda http: delivered(http, rich(http, "/estimates")),
    "estimate-converted": lambda http: then(http, rich(http, "/estimates"), "convert"),
    "recurring-profile": rich_profile,
    "recurring-profile-of-little": lambda http: f"/recurring_profiles/{make(http, KINDS['recurring_profiles'])['id']}",
}


def aged(database: Database) -> None:
    """Let everything have been changed last long ago."""
    with database.engine.begin() as connection:
        for table in TABLES:
            connection.execute(sa.text(f"UPDATE {table} SET updated_at = :then"), {"then": at(LONG_AGO)})


@by_row("prepare", ECHOED)
def test_a_record_sent_back_whole_changes_nothing(
    gem: Gem, http: Http, database: Database, prepare: Callable[[Http], str]
) -> None:
    path = prepare(http)
    aged(database)
    record, before = gem.read(path), everything(http)
    (shown,) = record.values()
    assert shown["updated_at"] == LONG_AGO
    assert gem.send("PUT", path, record) == (200, record)
    in_xml = http.raw("GET", f"{path}.xml").get_data(as_text=True)
    assert http.put(f"{path}.xml", xml=in_xml) == in_xml
    assert everything(http) == before


@by_row("prepare", ECHOED)
def test_one_attribute_changed_among_the_whole_record(
    gem: Gem, http: Http, database: Database, prepare: Callable[[Http], str]
) -> None:
    path = prepare(http)
    aged(database)
    ((root, shown),) = gem.read(path).items()
    name = next(name for name in ("name", "notes", "payment_method") if name in shown)
    status, changed = gem.send("PUT", path, {root: shown | {name: "Another"}})
    assert status == 200
    assert changed[root].pop("updated_at") > shown.pop("updated_at")
    assert changed[root] == shown | {name: "Another"}


@by_row(
    "sent, total",
    {
        "in-its-own-name": ({"shipping": "10.00"}, "$35.00"),
        "beside-what-was-shown": ({"shipping_amount": "$5.00", "shipping": "10%"}, "$27.50"),
        "as-a-number": ({"shipping_amount": "10"}, "$35.00"),
    },
)
def test_shipping_can_be_changed_in_an_echo(gem: Gem, sent: dict[str, str], total: str) -> None:
    statement = {"client_id": 1, "line_items_attributes": [LINE], "shipping": "5"}
    _, made = gem.send("POST", "/invoices", {"invoice": statement})
    assert made["invoice"]["total_billed"] == "$30.00"
    path = f"/invoices/{made['invoice']['id']}"
    status, changed = gem.send("PUT", path, {"invoice": made["invoice"] | sent})
    assert (status, changed["invoice"]["total_billed"]) == (200, total)


@pytest.mark.parametrize("path", ["/invoices", "/estimates"])
def test_actions_are_posts_of_nothing(gem: Gem, http: Http, path: str) -> None:
    made = rich(http, path)
    root = path[1:].removesuffix("s")
    assert gem.send("POST", f"{made}/close") == (200, None)
    assert gem.read(made)[root]["state"] == "closed"
    assert gem.send("POST", f"{made}/reopen") == (200, None)
    assert gem.read(made)[root]["state"] == "draft"
    status, copy = gem.send("POST", f"{made}/duplicate")
    assert (status, list(copy)) == (201, [root])
    assert gem.read(f"{path}/{copy[root]['id']}") == copy
    for action in ("close", "reopen", "duplicate"):
        assert gem.send("POST", f"{path}/99/{action}")[0] == 404


def test_an_estimate_becomes_an_invoice(gem: Gem, http: Http) -> None:
    path = rich(http, "/estimates")
    status, made = gem.send("POST", f"{path}/convert")
    assert (status, list(made)) == (201, ["invoice"])
    assert gem.read(f"/invoices/{made['invoice']['id']}") == made
    status, pairs = gem.send("POST", f"{path}/convert")
    assert (status, [len(pair) for pair in pairs]) == (422, [2])


def test_checkout_bills_delivers_and_reloads_for_the_page(gem: Gem) -> None:
    """The demo that CurdBee's author published: after the delivery it sends the customer to `/inv/HASH_KEY`."""
    _, client = gem.send("POST", "/clients", {"client": {"name": "Zoe", "email": "zoe@example.test"}})
    sent = {"client_id": client["client"]["id"], "discount": "10%", "shipping": "5.00", "line_items_attributes": [LINE]}
    status, made = gem.send("POST", "/invoices", {"invoice": sent})
    assert (status, made["invoice"]["total_billed"], made["invoice"]["hash_key"]) == (201, "$27.50", "")
    number = made["invoice"]["id"]
    assert gem.send("POST", f"/deliver/invoice/{number}", {"delivery": {}}) == (200, None)
    again = gem.read(f"/invoices/{number}")["invoice"]
    assert again["state"] == "sent"
    assert len(again["hash_key"]) >= 8


@by_row("kind", KINDS)
def test_refusals_can_be_parsed(gem: Gem, http: Http, database: Database, kind: Kind) -> None:
    """A page in HTML would read as a failed connection."""
    for method in ("PUT", "DELETE"):
        assert gem.send(method, f"{kind.path}/999", {kind.root: kind.changed})[0] == 404
    make_user(database, "other")
    number = make(http, kind)["id"]
    for token, status in (("wrong", 401), (token_of("other"), 404)):
        other = Gem(http, token)
        assert other.send("GET", f"{kind.path}/{number}.json")[0] == status
        assert other.send("PUT", f"{kind.path}/{number}", {kind.root: kind.changed})[0] == status
        assert other.send("DELETE", f"{kind.path}/{number}")[0] == status
