"""Rows straight from SQLite to bytes, each shape written by hand; of the product these know the bytes only."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import orjson

Row = Sequence[Any]

DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
PAYMENTS = """SELECT p.created_at, p.updated_at, m.name, p.amount_cents, p.date, p.id
    FROM payments p LEFT JOIN payment_methods m ON m.id = p.payment_method_id
    WHERE p.user_id = ? AND p.invoice_id = ?"""


def money(cents: int) -> str:
    """5000 is "50.00"."""
    sign, cents = ("-", -cents) if cents < 0 else ("", cents)
    return f"{sign}{cents // 100}.{cents % 100:02d}"


def moment(stored: str) -> str:
    """A time as it is shown."""
    return f"{stored[:10]}T{stored[11:19]}Z"


def escaped(text: str) -> str:
    """Text as XML has it."""
    if "&" in text or "<" in text or ">" in text or "\r" in text:
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
    return text


def payments_json(found: Iterable[Row], balance: str) -> bytes:
    """A list of payments."""
    return orjson.dumps([{"payment": _payment(row, balance)} for row in found])


def payment_json(row: Row, balance: str) -> bytes:
    """One payment."""
    return orjson.dumps({"payment": _payment(row, balance)})


def _payment(row: Row, balance: str) -> dict[str, Any]:
    created, updated, method, cents, date, id = row
    return {
        "created_at": moment(created),
        "updated_at": moment(updated),
        "payment_method": method,
        "amount": money(cents),
        "balance": balance,
        "date": date,
        "id": id,
    }


def payments_xml(found: Iterable[Row], balance: str) -> bytes:
    """A list of payments that is not empty."""
    written = "".join([_payment_xml(row, balance, "  ") for row in found])
    return f'{DECLARATION}<payments type="array">\n{written}</payments>\n'.encode()


def payment_xml(row: Row, balance: str) -> bytes:
    """One payment."""
    return (DECLARATION + _payment_xml(row, balance, "")).encode()


def _payment_xml(row: Row, balance: str, pad: str) -> str:
    created, updated, method, cents, date, id = row
    method = '<payment-method nil="true">' if method is None else f"<payment-method>{escaped(method)}"
    return (
        f"{pad}<payment>\n{pad}  <created-at>{moment(created)}</created-at>\n"
        f"{pad}  <updated-at>{moment(updated)}</updated-at>\n{pad}  {method}</payment-method>\n"
        f"{pad}  <amount>{money(cents)}</amount>\n{pad}  <balance>{balance}</balance>\n"
        f'{pad}  <date>{date}</date>\n{pad}  <id type="integer">{id}</id>\n{pad}</payment>\n'
    )


WRITERS: dict[tuple[str, bool], Callable[[Any, str], bytes]] = {
    ("json", True): payments_json,
    ("json", False): payment_json,
    ("xml", True): payments_xml,
    ("xml", False): payment_xml,
}
