"""No address, name or number adds a header or a recipient to a mail, nor ends one of its lines."""

from typing import Any

import factories
import sqlalchemy as sa
from databases import Database
from flask import Flask
from inprocess import Http
from letters import deliver, mails, make, written
from tables import by_row

from curdbee_compat import outbox

INVALID = [["recipients", "is invalid"]]
BAD = {
    "no domain": "acme",
    "no name": "@example.test",
    "no dot": "a@localhost",
    "two at signs": "a@b@c.test",
    "a name": "Acme <a@b.test>",
    "a blank inside": "a b@c.test",
    "semicolon": "a@b.test;c@d.test",
    "header": "a@b.test\nBcc: x@y.test",
    "header with CR": "a@b.test\r\nBcc: x@y.test",
    "header with CR alone": "a@b.test\rBcc: x@y.test",
    "header in the name": "a\nBcc: x@b.test",
    "line separator": "a\u2028b@c.test",
    "NUL": "a\0@b.test",
    "SMTP command": "a@b.test>\r\nRCPT TO:<x@y.test",
    "quoted": '"a b"@c.test',
    "comment": "a@b.test(x)",
    "address as a domain": "a@[127.0.0.1]",
    "numbers as a domain": "a@127.0.0.1",
    "long name": "a" * 65 + "@b.test",
    "long": "a@" + "b" * 60 + ".b" * 100 + ".test",
    "letters beyond ASCII": "jos\u00e9@b.test",
    "domain beyond ASCII": "info@m\u00fcller.test",
    "wide at sign": "a\uff20b.test",
    "encoded word": "=?utf-8?q?=0d=0aBcc:_x@y.test?=@b.test",
    "number": 5,
    "object": {"0": "a@b.test"},
    "array in array": [["a@b.test"]],
    "one of several": ["a@b.test", "acme"],
}


@by_row("address", BAD)
def test_an_address_that_is_none(http: Http, database: Database, address: Any) -> None:
    made = make(http, "invoice")
    assert deliver(http, "invoice", made, 422, recipients=address) == INVALID
    assert deliver(http, "invoice", made, 422, blind_copy=address) == [["blind_copy", "is invalid"]]
    assert mails(database) == []
    assert http.get(f"/invoices/{made['id']}")["invoice"]["state"] == "draft"


@by_row("address", {name: bad for name, bad in BAD.items() if isinstance(bad, str) and "\0" not in bad})
def test_a_client_whose_address_is_none(http: Http, database: Database, user: int, address: str) -> None:
    """Clients were never asked for an address that works."""
    email = address[:255]
    client = factories.make_client(database, user, email=email)
    made = http.post("/invoices", invoice={"client_id": client})["invoice"]
    assert deliver(http, "invoice", made, 422) == INVALID
    assert mails(database) == []


NAMES = {
    "line ends": ("Acme\r\nBcc: x@y.test\n\nHello", "Acme Bcc: x@y.test Hello"),
    "separators": ("A\u2028B\u0085C\x0bD\x1cE", "A B C D E"),
    "terminal escapes": ("A\x9b31mB", "A 31mB"),
    "beyond ASCII": ("K\u00e4sebier & S\u00f6hne \u4f1a\u793e", "K\u00e4sebier & S\u00f6hne \u4f1a\u793e"),
    "right to left": (
        "\u0634\u0631\u0643\u0629 \u05d7\u05d1\u05e8\u05d4",
        "\u0634\u0631\u0643\u0629 \u05d7\u05d1\u05e8\u05d4",
    ),
    "emoji": ("\U0001f469\u200d\U0001f4bb", "\U0001f469\u200d\U0001f4bb"),
    "an encoded word": ("=?utf-8?q?=0d=0aBcc:_x@y.test?=", "=?utf-8?q?=0d=0aBcc:_x@y.test?="),
    "long": ("n" * 255, "n" * 255),
    "many words": ("S\u00f6hne \u4f1a\u793e GmbH " * 12 + "Co.", "S\u00f6hne \u4f1a\u793e GmbH " * 12 + "Co."),
    "long, beyond ASCII": ("\u00f6" * 255, "\u00f6" * 255),
    "HTML": ("<script>alert(1)</script>", "<script>alert(1)</script>"),
}


@by_row("kind", {"invoice": "invoice", "estimate": "estimate"})
@by_row(("name", "shown"), NAMES)
def test_names_stay_in_their_place(app: Flask, database: Database, kind: str, name: str, shown: str) -> None:
    """Of the sender, whom the command line made long ago, of the client, and as a number."""
    factories.make_user(database, "ann")
    with database.engine.begin() as connection:
        connection.execute(sa.text("UPDATE users SET name = :name"), {"name": name})
    http = Http(app, ("ann@example.test", "ann"))
    number = "".join(char for char in name if char >= " ")
    made = make(http, kind, {"name": number}, **{f"{kind}_no": number})
    deliver(http, kind, made)
    [mail] = mails(database)
    message = written(mail)
    assert message.keys() == ["From", "To", "Reply-To", "Date", "Message-ID", "Subject", "MIME-Version", "Content-Type"]
    assert (message["To"], message["Reply-To"]) == ("acme@example.test", "ann@example.test")
    assert message["From"] == "Billing <billing@example.test>"
    assert max(map(len, outbox.composed(mail, "a@b.test").split(b"\r\n"))) < 998
    assert mail.subject.isprintable() or "\u200d" in mail.subject
    assert message["Subject"].endswith(f"from {shown}")
    assert f"\r\n\r\n{shown}" in message.get_body(["plain"]).get_content()
    assert "<script" not in message.get_body(["html"]).get_content()
