"""A record of each kind as the old API answered it, and files with them."""

import json
from typing import Any

CLIENT = {"id": 3000, "name": "Acme", "currency": {"name": "United States of America, Dollars", "symbol": "$"}}
LINE = {"price": "100.00", "name_and_description": "Work", "quantity": 2.0, "sort_order": None, "id": 500, "unit": None}
INVOICE = {
    "id": 9000,
    "client": {"name": "Acme", "id": 3000},
    "date": "2011-05-01",
    "invoice_no": "INV-009",
    "hash_key": "aB3dE6gH",
    "state": "sent",
    "line_items": [LINE],
    "total_billed": "$200.00",
    "created_at": "2011-05-01T10:00:00+02:00",
    "updated_at": "2011/05/02 10:00:00 +0000",
}
ITEM = {"price": "$12.50", "name": "Hour", "id": 77}
PAYMENT = {"id": 4000, "date": "2011-05-03", "amount": "50.00", "payment_method": "cheque"}
PROFILE = {
    "id": 60,
    "client": {"id": 3000},
    "profile_name": "Rent",
    "start_date": "2011-01-31",
    "next_billing_date": "2040-02-29",
    "frequency_term": "Monthly",
    "occurences": 0,
    "iteration_no": 4,
}


def books(**records: dict[str, Any]) -> dict[str, str]:
    """A file for each of these kinds, with one record; a client and an invoice beside them."""
    found = {"client": CLIENT, "invoice": INVOICE} | records
    names = {root: "invoices/9000/payments" if root == "payment" else root for root in found}
    return {f"{names[root]}.json": json.dumps([{root: attributes}]) for root, attributes in found.items()}
