"""The limit: the least that can give the application's answers. A bare WSGI function, raw sqlite3, strings.

It authenticates, checks whose invoice it is, and reads and writes real rows; it refuses nothing else, and finds no
mistake in what is sent."""

import base64
import hashlib
import os
import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import orjson
from werkzeug.security import check_password_hash

from bench import limit_lists, limit_rows

ASKED = """SELECT u.id, u.password_hash, u.admin, u.version, (SELECT epoch FROM installation), i.user_id,
    i.total_cents, i.paid_cents FROM users u LEFT JOIN invoices i ON i.id = ? AND (i.user_id = u.id OR u.admin)
    WHERE u.login = ? AND NOT u.disabled"""
INVOICE = "SELECT total_cents, paid_cents FROM invoices WHERE id = ? AND user_id = ?"
INSERT = """INSERT INTO payments (user_id, invoice_id, amount_cents, payment_method_id, date, accounted, created_at,
    updated_at) VALUES (?, ?, ?, (SELECT id FROM payment_methods WHERE name = ?), ?, 0, ?, ?)"""
UPDATE = "UPDATE invoices SET paid_cents = ?, state = ?, updated_at = ? WHERE id = ?"
TYPES = {"json": "application/json; charset=utf-8", "xml": "application/xml; charset=utf-8"}
HASHING = threading.Lock()


class Limit:
    """The WSGI application, on a SQLite file that the real one has made."""

    def __init__(self, path: str | Path) -> None:
        self._path = path
        self._kept = threading.local()
        self._key = os.urandom(32)
        self._remembered: dict[bytes, str] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path, _, suffix = environ["PATH_INFO"].partition(".")
        parts = path.split("/")  # "", then "invoices", id, "payments", id; "admin" may stand in front
        place = parts.index("invoices") + 1
        invoice_id = int(parts[place]) if len(parts) > place else 0
        user = self._user(environ.get("HTTP_AUTHORIZATION", ""), invoice_id)
        headers = [("Content-Type", TYPES[suffix])]
        if user is None:
            status, body = "401 UNAUTHORIZED", b""
        elif invoice_id and user[5] is None:
            status, body = "404 NOT FOUND", b""
        elif environ["REQUEST_METHOD"] == "POST":
            id, body = self._create(user[0], invoice_id, suffix, environ["wsgi.input"].read())
            headers.append(("Location", f"{environ['wsgi.url_scheme']}://{environ['HTTP_HOST']}/payments/{id}"))
            status = "201 CREATED"
        else:
            status, body = "200 OK", self._read(user, parts[place:], suffix)
        headers.append(("Content-Length", str(len(body))))
        start_response(status, headers)
        return [body]

    def close(self) -> None:
        """Let go of this thread's connection."""
        self._connection.close()

    def _user(self, header: str, invoice_id: int) -> tuple[Any, ...] | None:
        """The user with what else is read in the same statement; None for a wrong password."""
        user, _, password = base64.b64decode(header[6:]).decode().partition(":")
        found = self._connection.execute(ASKED, (invoice_id, user.strip().casefold())).fetchone()
        message = len(user).to_bytes(8, "big") + user.encode() + password.encode()
        key = hashlib.blake2b(message, key=self._key, digest_size=16).digest()
        if found is None or self._remembered.get(key) == found[1]:
            return found
        with HASHING:
            if not check_password_hash(found[1], password):
                return None
        self._remembered[key] = found[1]
        return found

    def _read(self, user: tuple[Any, ...], below: list[str], suffix: str) -> bytes:
        connection = self._connection
        if not below:
            return limit_lists.invoice_list(connection, user[0])
        if below[1] == "invoice_payments":
            return limit_lists.admin_list(connection, user[5], int(below[0]))
        balance = limit_rows.money(max(user[6] - user[7], 0))
        if len(below) == 2:
            found = connection.execute(f"{limit_rows.PAYMENTS} ORDER BY p.id", (user[0], int(below[0])))
            return limit_rows.WRITERS[suffix, True](found, balance)
        one = connection.execute(f"{limit_rows.PAYMENTS} AND p.id = ?", (user[0], int(below[0]), int(below[2])))
        return limit_rows.WRITERS[suffix, False](one.fetchone(), balance)

    def _create(self, user_id: int, invoice_id: int, suffix: str, body: bytes) -> tuple[int, bytes]:
        if suffix == "json":
            sent = orjson.loads(body)["payment"]
        else:
            sent = {field.tag.replace("-", "_"): field.text for field in ElementTree.fromstring(body)}
        cents = int(Decimal(sent["amount"]).scaleb(2).quantize(Decimal(1), ROUND_HALF_UP))
        day, method = date.fromisoformat(sent["date"]).isoformat(), sent["payment_method"]
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S.000000")
        connection = self._connection
        _begin(connection)
        total, paid = connection.execute(INVOICE, (invoice_id, user_id)).fetchone()
        paid += cents
        values = (user_id, invoice_id, cents, method, day, now, now)
        id = connection.execute(INSERT, values).lastrowid
        connection.execute(UPDATE, (paid, "paid" if paid >= total else "partial", now, invoice_id))
        connection.execute("COMMIT")
        row = (now, now, method, cents, day, id)
        return id or 0, limit_rows.WRITERS[suffix, False](row, limit_rows.money(max(total - paid, 0)))

    @property
    def _connection(self) -> sqlite3.Connection:
        """This thread's own, durable as the application's is."""
        if not hasattr(self._kept, "connection"):
            connection = sqlite3.connect(self._path, isolation_level=None)
            for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=0"):
                connection.execute(f"PRAGMA {pragma}")
            self._kept.connection = connection
        return self._kept.connection


def _begin(connection: sqlite3.Connection) -> None:
    """SQLite's own waiting starves all but one writer."""
    deadline = time.monotonic() + 5
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
            return
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
        time.sleep(random.uniform(0, 0.002))
