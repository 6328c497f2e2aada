"""Recurring profiles to bill, and what billing them makes."""

import datetime
from typing import Any

import sqlalchemy as sa
from databases import Database
from flask import Flask
from inprocess import Http

from curdbee_compat import billing, tenancy

LINE = {"name_and_description": "Hosting", "price": "10.00", "quantity": 2}
RUN = """
import datetime, sys
from curdbee_compat import billing, create_app, tenancy
app, day = create_app(), datetime.date.fromisoformat(sys.argv[1])
with tenancy.command(app):
    for user_id, profile_id in billing.due_profiles(day):
        for _ in billing.bill(user_id, profile_id, day):
            pass
"""


def client(http: Http, **attributes: Any) -> int:
    """A client with an address."""
    return http.post("/clients", client={"name": "Acme", "email": "acme@example.test"} | attributes)["client"]["id"]


def profile(http: Http, start: str, client_id: int | None = None, **attributes: Any) -> int:
    """A monthly profile that makes drafts over 20.00. Returns its id."""
    sent = {"client_id": client_id or client(http), "profile_name": "Hosting", "start_date": start}
    sent |= {"save_as_draft": True, "line_items_attributes": [LINE]} | attributes
    return http.post("/recurring_profiles", recurring_profile=sent)["recurring_profile"]["id"]


def change(http: Http, profile_id: int, status: int = 200, **attributes: Any) -> Any:
    """Change a profile; its new state."""
    return http.put(f"/recurring_profiles/{profile_id}", recurring_profile=attributes, status=status)


def shown(http: Http, profile_id: int) -> dict[str, Any]:
    return http.get(f"/recurring_profiles/{profile_id}")["recurring_profile"]


def bill(app: Flask, day: str) -> list[tuple[str, str, str | None]]:
    """Bill everything that is due by the day: date and number of what was made, and why it was not delivered."""
    until, made = datetime.date.fromisoformat(day), []
    with tenancy.command(app):
        for user_id, profile_id in billing.due_profiles(until):
            for invoice, reason in billing.bill(user_id, profile_id, until):
                made.append((invoice.date.isoformat(), invoice.invoice_no, reason))
    return made


def dates(app: Flask, day: str) -> list[str]:
    """Bill; the dates of the invoices."""
    return [date for date, _, _ in bill(app, day)]


def iterations(database: Database) -> list[tuple[int, int, datetime.date]]:
    """Of every invoice that a profile made: the profile, which one it was, and its date."""
    columns = sa.select(sa.text("recurring_profile_id, iteration_no, date")).select_from(sa.text("invoices"))
    columns = columns.where(sa.text("recurring_profile_id IS NOT NULL"))
    with database.engine.connect() as connection:
        found = connection.execute(columns.order_by(sa.text("recurring_profile_id, iteration_no"))).all()
    return [(profile_id, number, datetime.date.fromisoformat(str(date))) for profile_id, number, date in found]
