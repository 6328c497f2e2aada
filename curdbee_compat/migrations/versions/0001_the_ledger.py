"""The ledger: users, clients, invoices with their lines, payments; what they refer to, and their versions."""

import csv
import secrets
from datetime import UTC, datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import op

from curdbee_compat.migrations.steps import Id, insert, version_triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

OWNED = ("clients", "invoices", "invoice_line_items", "payments")
METHODS = ("cash", "check", "credit card", "bank transfer", "PayPal")


def upgrade() -> None:
    tables()
    contents()
    for table in OWNED:
        version_triggers(table)


def contents() -> None:
    """Currencies with their lasting ids, the usual payment methods, and this installation's epoch."""
    with open(Path(__file__).parent.parent / "currencies.csv", encoding="utf-8", newline="") as file:
        rows = [{**row, "id": int(row["id"]), "minor_unit": int(row["minor_unit"])} for row in csv.DictReader(file)]
    insert("currencies", rows)
    now = datetime.now(UTC).replace(tzinfo=None, microsecond=0)
    stamps = {"created_at": now, "updated_at": now}
    insert("payment_methods", [{"id": id, "name": name, **stamps} for id, name in enumerate(METHODS, 1)])
    insert("installation", [{"id": 1, "epoch": secrets.token_hex(16)}])


def tables() -> None:
    op.create_table(
        "currencies",
        sa.Column("id", Id, nullable=False),
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("symbol", sa.String(length=8), nullable=False),
        sa.Column("minor_unit", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_currencies")),
        sa.UniqueConstraint("code", name=op.f("uq_currencies_code")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "installation",
        sa.Column("id", Id, nullable=False),
        sa.Column("epoch", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_installation")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "login_failures",
        sa.Column("id", Id, nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("name_digest", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login_failures")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_login_failures_address_at"), "login_failures", ["address", "at"])
    op.create_index(op.f("ix_login_failures_at"), "login_failures", ["at"])
    op.create_table(
        "payment_methods",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("name", name=op.f("uq_payment_methods_name")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "users",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("login", sa.String(length=255), nullable=False),
        sa.Column("email_login", sa.String(length=255), nullable=True),
        sa.Column("password_hash", sa.String(length=255), nullable=False),
        sa.Column("token_digest", sa.String(length=64), nullable=False),
        sa.Column("admin", sa.Boolean(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("currency_id", Id, nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["currency_id"], ["currencies.id"], name=op.f("fk_users_currency_id_currencies")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_login", name=op.f("uq_users_email_login")),
        sa.UniqueConstraint("login", name=op.f("uq_users_login")),
        sa.UniqueConstraint("token_digest", name=op.f("uq_users_token_digest")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "clients",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=True),
        sa.Column("currency_id", Id, nullable=False),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("city", sa.String(length=255), nullable=True),
        sa.Column("province", sa.String(length=255), nullable=True),
        sa.Column("zip_code", sa.String(length=255), nullable=True),
        sa.Column("country", sa.String(length=255), nullable=True),
        sa.Column("phone", sa.String(length=255), nullable=True),
        sa.Column("fax", sa.String(length=255), nullable=True),
        sa.Column("custom_field_name", sa.String(length=255), nullable=True),
        sa.Column("custom_field_value", sa.String(length=255), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["currency_id"], ["currencies.id"], name=op.f("fk_clients_currency_id_currencies")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_clients_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_clients_user_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "invoices",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("invoice_no", sa.String(length=255), nullable=False),
        sa.Column("allow_partial_payments", sa.Boolean(), nullable=False),
        sa.Column("paid_cents", Id, nullable=False),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("delivered_at", sa.DateTime(), nullable=True),
        sa.Column("hash_key", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("client_id", Id, nullable=False),
        sa.Column("currency_id", Id, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("due_date", sa.Date(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), nullable=True),
        sa.Column("payment_options", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("discount_rate", Id, nullable=False),
        sa.Column("discount_flat_cents", Id, nullable=False),
        sa.Column("shipping_rate", Id, nullable=False),
        sa.Column("shipping_flat_cents", Id, nullable=False),
        sa.Column("tax_rate", Id, nullable=False),
        sa.Column("tax2_rate", Id, nullable=False),
        sa.Column("tax2_compound", sa.Boolean(), nullable=True),
        sa.Column("sub_total_cents", Id, nullable=False),
        sa.Column("discount_cents", Id, nullable=False),
        sa.Column("tax_cents", Id, nullable=False),
        sa.Column("tax2_cents", Id, nullable=False),
        sa.Column("shipping_cents", Id, nullable=False),
        sa.Column("total_cents", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["currency_id"], ["currencies.id"], name=op.f("fk_invoices_currency_id_currencies")),
        sa.ForeignKeyConstraint(
            ["user_id", "client_id"],
            ["clients.user_id", "clients.id"],
            name=op.f("fk_invoices_user_id_client_id_clients"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_invoices_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("hash_key", name=op.f("uq_invoices_hash_key")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_invoices_user_id_id")),
        sa.UniqueConstraint("user_id", "invoice_no", name=op.f("uq_invoices_user_id_invoice_no")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invoices_user_id_client_id_id"), "invoices", ["user_id", "client_id", "id"])
    op.create_table(
        "invoice_line_items",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("invoice_id", Id, nullable=False),
        sa.Column("name_and_description", sa.Text(), nullable=False),
        sa.Column("price_cents", Id, nullable=False),
        sa.Column("quantity", Id, nullable=False),
        sa.Column("unit", sa.String(length=255), nullable=True),
        sa.Column("sort_order", Id, nullable=True),
        sa.Column("total_cents", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "invoice_id"],
            ["invoices.user_id", "invoices.id"],
            name=op.f("fk_invoice_line_items_user_id_invoice_id_invoices"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_invoice_line_items_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_line_items")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_invoice_line_items_user_id_invoice_id_id"),
        "invoice_line_items",
        ["user_id", "invoice_id", "id"],
    )
    op.create_table(
        "payments",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("invoice_id", Id, nullable=False),
        sa.Column("amount_cents", Id, nullable=False),
        sa.Column("payment_method_id", Id, nullable=True),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("accounted", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["payment_method_id"],
            ["payment_methods.id"],
            name=op.f("fk_payments_payment_method_id_payment_methods"),
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "invoice_id"],
            ["invoices.user_id", "invoices.id"],
            name=op.f("fk_payments_user_id_invoice_id_invoices"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payments_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_payments_payment_method_id"), "payments", ["payment_method_id"])
    op.create_index(op.f("ix_payments_user_id_invoice_id_id"), "payments", ["user_id", "invoice_id", "id"])


def downgrade() -> None:
    for table in (
        *reversed(OWNED),
        "users",
        "payment_methods",
        "login_failures",
        "installation",
        "currencies",
    ):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION raise_version()")
        op.execute("DROP FUNCTION raise_versions()")
