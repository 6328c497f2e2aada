"""Which files are read, what is found in them, and how the command fails."""

import json
from pathlib import Path

import pytest
from backends import ON_SQLITE
from commands import Commands
from databases import Database
from factories import make_user
from inprocess import Http
from oldbooks import CLIENT, INVOICE, PAYMENT, books
from saved import Run, save
from tables import by_row

from curdbee_compat.importing.files import Unreadable, records

SHAPES = {
    "bare-list": ('[{"client":{"id":1}},{"client":{"id":2}}]', [1, 2]),
    "wrapped-list": ('{"clients":[{"id":1},{"id":2}]}', [1, 2]),
    "wrapped-twice": ('{"clients":[{"client":{"id":1}}]}', [1]),
    "one": ('{"client":{"id":1}}', [1]),
    "trailing-comma": ('{"client":{"id":1,}}', [1]),
    "byte-order-mark": ('\ufeff[{"client":{"id":1}}]', [1]),
    "no-records": ("[]", []),
    "xml-list": ('<clients type="array"><client><id type="integer">1</id></client></clients>', ["1"]),
    "xml-list-untyped": ("<clients><client><id>1</id></client><client><id>2</id></client></clients>", ["1", "2"]),
    "xml-one": ("\n <client><id>1</id></client>", ["1"]),
    "xml-no-records": ('<clients type="array"/>', []),
    "xml-items": (
        "<items><item><item><id>1</id></item></item><item><item><id>2</id></item></item></items>",
        ["1", "2"],
    ),
    "xml-one-item": ("<items><item><item><id>1</id></item></item></items>", ["1"]),
}


@by_row("content, ids", SHAPES)
def test_records_are_found_in_what_answers_are_wrapped_in(tmp_path: Path, content: str, ids: list[object]) -> None:
    save(tmp_path, {"file": content})
    assert [found.attributes["id"] for found in records(tmp_path / "file")] == ids


BOMB = '<!DOCTYPE c [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><client><name>&b;</name></client>'
OUTSIDE = '<!DOCTYPE c [<!ENTITY a SYSTEM "file:///etc/hostname">]><client><name>&a;</name></client>'
BROKEN = {
    "empty": ("", "no saved answer"),
    "half": ('[{"client":', "Malformed JSON"),
    "half-xml": ("<clients><client>", "Malformed XML"),
    "bomb": (BOMB, "Malformed XML"),
    "entity": (OUTSIDE, "Malformed XML"),
    "html": ("<html><body>Not found</body></html>", "no saved answer"),
    "refusal": ('{"status":404,"error":"Not Found"}', "no saved answer"),
    "no-root": ('[{"id":1,"name":"Acme"}]', "no saved answer"),
    "no-root-with-a-client": ('[{"id":7,"client":{"id":1,"name":"Acme"}}]', "no saved answer"),
    "lists-in-lists": ("[" * 600 + "{}" + "]" * 600, "Malformed JSON"),
    "text": ('{"client":"Acme"}', "client is no record"),
    "number": ("5", "no saved answer"),
    "bytes": (b"\xff\xfe\x00", "Malformed JSON"),
    "deep": ("[" * 100_000, "Malformed JSON"),
}


@by_row("content, why", BROKEN)
def test_a_file_without_answers_is_unreadable(tmp_path: Path, content: str | bytes, why: str) -> None:
    save(tmp_path, {"file": content})
    with pytest.raises(Unreadable, match=why):
        records(tmp_path / "file")


PLACES = {
    "invoices/7/payments.json": "7",
    "sub.curdbee.com/invoices/7/payments/25.xml": "7",
    "invoices_7_payments.json": "7",
    "Invoice-7-payments-page-2.json": "7",
    "admin/invoices/7/invoice_payments.json": "7",
    "invoices/6/invoices_7_payments.json": "7",
    "payments_of_7.json": None,
    "payments/25.json": None,
}


@pytest.mark.parametrize("name", PLACES)
def test_the_place_of_a_file_tells_whose_payments_it_holds(tmp_path: Path, name: str) -> None:
    save(tmp_path, {name: '{"payment":{"id":1}}'})
    assert [found.invoice_id for found in records(tmp_path / name)] == [PLACES[name]]


def test_the_order_of_files_does_not_matter(run: Run, http: Http, tmp_path: Path) -> None:
    save(tmp_path, books(payment=PAYMENT))
    run(*sorted((path for path in tmp_path.rglob("*.json")), reverse=True))
    assert http.get("/invoices/9000/payments")[0]["payment"]["id"] == 4000


def test_payments_without_an_invoice_get_the_one_that_is_given(run: Run, http: Http, tmp_path: Path) -> None:
    other = INVOICE | {"id": 9001, "invoice_no": "2", "hash_key": "", "line_items": []}
    told = books(invoice=other, payment=PAYMENT) | {"i.json": json.dumps({"invoice": INVOICE})}
    bare = json.dumps({"payment": PAYMENT | {"id": 4001}})
    inside = json.dumps({"invoice": other | {"payments": [PAYMENT | {"id": 4002}]}})
    run(save(tmp_path, told | {"payments.json": bare, "inside.json": inside}), "--invoice", "9001")
    ids = [[each["payment"]["id"] for each in http.get(f"/invoices/{id}/payments")] for id in (9000, 9001)]
    assert ids == [[4000], [4001, 4002]]


def test_a_payment_under_two_invoices_is_left(run: Run, tmp_path: Path) -> None:
    twice = {f"invoices/{id}/payments.json": json.dumps([{"payment": PAYMENT}]) for id in (9000, 9001)}
    assert "or two differ" in run(save(tmp_path, books() | twice))[-1]


def test_of_two_versions_the_newer_counts(run: Run, http: Http, tmp_path: Path) -> None:
    newer = CLIENT | {"name": "New", "updated_at": "2012-01-01T00:00:00Z"}
    older = CLIENT | {"name": "Old", "updated_at": "2011-01-01T00:00:00Z", "city": "Bonn"}
    files = {"a.json": json.dumps({"client": newer}), "b.json": json.dumps({"client": older})}
    assert "clients: 1 taken, 0 already there" in run(save(tmp_path, files))
    assert http.get("/clients/3000")["client"]["name"] == "New"


@ON_SQLITE
def test_a_broken_file_is_named_and_the_others_are_taken(
    database: Database, user: int, instance: Path, tmp_path: Path
) -> None:
    folder = save(tmp_path, books() | {"broken.xml": "<clients>"})
    result = Commands(database.url, instance)("import", str(folder), status=1)
    assert result.stdout.splitlines() == [
        "clients: 1 taken, 0 already there",
        "invoices: 1 taken, 0 already there",
        "skipped: 0",
        "not read:",
        f"  {folder}/broken.xml: Malformed XML",
    ]
    assert result.stderr == "Error: 1 of the files could not be read; the report names them\n"


@ON_SQLITE
def test_an_error_of_the_database_undoes_the_whole_run(
    database: Database, user: int, instance: Path, tmp_path: Path
) -> None:
    with database.engine.begin() as connection:
        connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON payments BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    folder = str(save(tmp_path, books(payment=PAYMENT)))
    assert Commands(database.url, instance).refused("import", folder).endswith("no room")
    with database.engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM clients").scalar() == 0


@ON_SQLITE
def test_whose_data_they_become_must_be_clear(database: Database, instance: Path, tmp_path: Path) -> None:
    command, folder = Commands(database.url, instance), str(save(tmp_path, books()))
    assert "there is no user yet" in command.refused("import", folder)
    make_user(database, "ann")
    make_user(database, "bob")
    assert "there are several users; say which: --user NAME" in command.refused("import", folder)
    assert "there is no user 'eve'" in command.refused("import", folder, "--user", "eve")
    assert "does not exist" in command("import", "missing.json", status=2).stderr
    assert "clients: 1 taken" in command("import", folder, "--user", "BOB@example.test").stdout


@ON_SQLITE
def test_on_a_terminal_it_shows_how_far_it_is(
    database: Database, user: int, instance: Path, http: Http, tmp_path: Path
) -> None:
    save(tmp_path, books(payment=PAYMENT))
    assert Commands(database.url, instance).bars("import", str(tmp_path)) == ["Reading"]
    assert http.get("/invoices/9000/payments")[0]["payment"]["id"] == 4000
