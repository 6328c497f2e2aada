"""An import of many records sends no more statements than one of a few."""

import json
from pathlib import Path

from counting import queries
from flask import Flask
from oldbooks import CLIENT, INVOICE, LINE, PAYMENT
from saved import save

from curdbee_compat import importing, tenancy
from curdbee_compat.extensions import begin_write, db, rollback
from curdbee_compat.importing.files import answers
from curdbee_compat.importing.report import Report
from curdbee_compat.models.user import User


def many(count: int) -> dict[str, str]:
    """So many clients, each with an invoice that has a payment."""
    files = {}
    for id in range(1, count + 1):
        line, numbers = LINE | {"id": id}, {"invoice_no": str(id), "hash_key": f"key-{id}"}
        invoice = INVOICE | numbers | {"id": id, "client": {"id": id}, "line_items": [line]}
        files[f"clients/{id}.json"] = json.dumps({"client": CLIENT | {"id": id}})
        files[f"invoices/{id}.json"] = json.dumps({"invoice": invoice})
        files[f"invoices/{id}/payments.json"] = json.dumps([{"payment": PAYMENT | {"id": id}}])
    return files


def test_as_many_statements_for_many_records_as_for_few(app: Flask, user: int, tmp_path: Path) -> None:
    sent = []
    for count in (2, 200):
        folder, report = save(tmp_path / str(count), many(count)), Report()
        with tenancy.command(app):
            begin_write()
            owner = db.session.get_one(User, user)
            with queries(app) as seen:
                importing.take(owner, importing.read(answers([folder]), None, report, iter), report)
            rollback()
        assert report.taken == dict.fromkeys(("clients", "invoices", "payments"), count)
        sent.append(len(seen))
    assert sent[0] == sent[1]
    assert sent[0] < 40
