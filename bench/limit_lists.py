"""The limit's lists that are not of payments as the public API has them: invoices with lines, and the admin's."""

import functools
import sqlite3
from typing import Any

import orjson

from bench.limit_rows import Row, moment, money

ADMIN_LIST = """SELECT id, invoice_id, amount_cents, payment_method_id, date, accounted FROM payments
    WHERE user_id = ? AND invoice_id = ? ORDER BY id DESC LIMIT 30"""
INVOICES = """SELECT i.id, c.name, i.client_id, y.symbol, i.shipping_cents, i.created_at, i.total_cents, i.notes,
    i.tax2_compound, i.updated_at, i.discount_cents, i.date, i.hash_key, i.tax_cents, i.payment_options, i.paid_cents,
    i.due_date, i.tax2_cents, i.sub_total_cents, i.summary, i.invoice_no, i.state, i.allow_partial_payments
    FROM invoices i JOIN clients c ON c.id = i.client_id JOIN currencies y ON y.id = i.currency_id
    WHERE i.user_id = ? ORDER BY i.id LIMIT 20"""
LINES = """SELECT invoice_id, price_cents, name_and_description, quantity, sort_order, total_cents, id, unit
    FROM invoice_line_items WHERE user_id = ? AND invoice_id IN ({}) ORDER BY sort_order IS NULL, sort_order, id"""


def admin_list(connection: sqlite3.Connection, owner_id: int, invoice_id: int) -> bytes:
    """The admin's list of an invoice's payments."""
    names = ("id", "invoice_id", "amount_cents", "payment_method_id", "date")
    found = connection.execute(ADMIN_LIST, (owner_id, invoice_id))
    records = [{**dict(zip(names, row, strict=False)), "accounted": bool(row[5])} for row in found]
    return orjson.dumps({"invoice_payments": records})


def invoice_list(connection: sqlite3.Connection, user_id: int) -> bytes:
    """The first twenty invoices, with their lines."""
    found = connection.execute(INVOICES, (user_id,)).fetchall()
    lines: dict[int, list[dict[str, Any]]] = {row[0]: [] for row in found}
    for row in connection.execute(_lines_of(len(lines)), (user_id, *lines)):
        lines[row[0]].append(_line(row))
    return orjson.dumps([{"invoice": _invoice(row, lines[row[0]])} for row in found])


@functools.cache
def _lines_of(count: int) -> str:
    return LINES.format(", ".join("?" * count))


def _line(row: Row) -> dict[str, Any]:
    _, price, text, quantity, place, total, id, unit = row
    shown = {"price": money(price), "name_and_description": text, "quantity": quantity / 10_000, "sort_order": place}
    return {**shown, "total": money(total), "id": id, "unit": unit}


def _invoice(row: Row, lines: list[dict[str, Any]]) -> dict[str, Any]:
    (id, client, client_id, symbol, shipping, created, total, notes, compound, updated, discount, date, key, tax) = row[
        :14
    ]
    (options, paid, due_date, tax2, sub_total, summary, number, state, partial) = row[14:]
    return {
        "shipping_amount": symbol + money(shipping),
        "created_at": moment(created),
        "total_billed": symbol + money(total),
        "line_items": lines,
        "notes": notes,
        "tax2_compound": None if compound is None else bool(compound),
        "updated_at": moment(updated),
        "discount_amount": symbol + money(discount),
        "date": date,
        "hash_key": key or "",
        "id": id,
        "tax_amount": symbol + money(tax),
        "client": {"name": client, "id": client_id},
        "payment_options": None if options is None else orjson.loads(options),
        "total_due": symbol + money(max(total - paid, 0)),
        "due_date": due_date,
        "tax2_amount": symbol + money(tax2),
        "sub_total": symbol + money(sub_total),
        "summary": summary,
        "paid_total": symbol + money(paid),
        "invoice_no": number,
        "state": state,
        "allow_partial_payments": bool(partial),
    }
