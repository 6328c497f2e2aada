"""Estimates, items, recurring profiles with the invoices they made, and the outbox."""

import sqlalchemy as sa
from alembic import op

from curdbee_compat.migrations.steps import Id, version_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

OWNED = ("items", "estimates", "estimate_line_items", "recurring_profiles", "profile_line_items", "outgoing_mails")


def upgrade() -> None:
    tables()
    # Not in batch mode, which would make the table anew without its triggers.
    op.add_column("invoices", sa.Column("recurring_profile_id", Id, nullable=True))
    op.add_column("invoices", sa.Column("iteration_no", Id, nullable=True))
    made_once = op.f("ix_invoices_recurring_profile_id_iteration_no")
    op.create_index(made_once, "invoices", ["recurring_profile_id", "iteration_no"], unique=True)
    for table in OWNED:
        version_triggers(table)


def tables() -> None:
    op.create_table(
        "items",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("units", sa.String(length=255), nullable=True),
        sa.Column("price_cents", Id, nullable=False),
        sa.Column("currency_id", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["currency_id"], ["currencies.id"], name=op.f("fk_items_currency_id_currencies")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_items_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_items")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_items_user_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "outgoing_mails",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("blind_copies", sa.JSON(), nullable=False),
        sa.Column("reply_to", sa.String(length=255), nullable=True),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("html", sa.Text(), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_outgoing_mails_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outgoing_mails")),
        sa.UniqueConstraint("message_id", name=op.f("uq_outgoing_mails_message_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_outgoing_mails_state_next_attempt_at"), "outgoing_mails", ["state", "next_attempt_at"])
    op.create_table(
        "estimates",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("estimate_no", sa.String(length=255), nullable=False),
        sa.Column("converted", sa.Boolean(), nullable=False),
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
        sa.ForeignKeyConstraint(["currency_id"], ["currencies.id"], name=op.f("fk_estimates_currency_id_currencies")),
        sa.ForeignKeyConstraint(
            ["user_id", "client_id"],
            ["clients.user_id", "clients.id"],
            name=op.f("fk_estimates_user_id_client_id_clients"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_estimates_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimates")),
        sa.UniqueConstraint("hash_key", name=op.f("uq_estimates_hash_key")),
        sa.UniqueConstraint("user_id", "estimate_no", name=op.f("uq_estimates_user_id_estimate_no")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_estimates_user_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_estimates_user_id_client_id_id"), "estimates", ["user_id", "client_id", "id"])
    op.create_table(
        "recurring_profiles",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("profile_name", sa.String(length=255), nullable=False),
        sa.Column("invoice_no", sa.String(length=200), nullable=True),
        sa.Column("start_date", sa.Date(), nullable=False),
        sa.Column("next_billing_date", sa.Date(), nullable=True),
        sa.Column("frequency", sa.Integer(), nullable=False),
        sa.Column("payment_due_term", sa.String(length=255), nullable=True),
        sa.Column("occurences", Id, nullable=False),
        sa.Column("iteration_no", Id, nullable=False),
        sa.Column("anchor_date", sa.Date(), nullable=False),
        sa.Column("anchor_iteration", Id, nullable=False),
        sa.Column("save_as_draft", sa.Boolean(), nullable=False),
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
        sa.ForeignKeyConstraint(
            ["currency_id"], ["currencies.id"], name=op.f("fk_recurring_profiles_currency_id_currencies")
        ),
        sa.ForeignKeyConstraint(
            ["user_id", "client_id"],
            ["clients.user_id", "clients.id"],
            name=op.f("fk_recurring_profiles_user_id_client_id_clients"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_recurring_profiles_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurring_profiles")),
        sa.UniqueConstraint("user_id", "id", name=op.f("uq_recurring_profiles_user_id_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_recurring_profiles_next_billing_date"), "recurring_profiles", ["next_billing_date"])
    op.create_index(
        op.f("ix_recurring_profiles_user_id_client_id_id"), "recurring_profiles", ["user_id", "client_id", "id"]
    )
    op.create_table(
        "estimate_line_items",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("estimate_id", Id, nullable=False),
        sa.Column("name_and_description", sa.Text(), nullable=False),
        sa.Column("price_cents", Id, nullable=False),
        sa.Column("quantity", Id, nullable=False),
        sa.Column("unit", sa.String(length=255), nullable=True),
        sa.Column("sort_order", Id, nullable=True),
        sa.Column("total_cents", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "estimate_id"],
            ["estimates.user_id", "estimates.id"],
            name=op.f("fk_estimate_line_items_user_id_estimate_id_estimates"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_estimate_line_items_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_estimate_line_items")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_estimate_line_items_user_id_estimate_id_id"), "estimate_line_items", ["user_id", "estimate_id", "id"]
    )
    op.create_table(
        "profile_line_items",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("recurring_profile_id", Id, nullable=False),
        sa.Column("name_and_description", sa.Text(), nullable=False),
        sa.Column("price_cents", Id, nullable=False),
        sa.Column("quantity", Id, nullable=False),
        sa.Column("unit", sa.String(length=255), nullable=True),
        sa.Column("sort_order", Id, nullable=True),
        sa.Column("total_cents", Id, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id", "recurring_profile_id"],
            ["recurring_profiles.user_id", "recurring_profiles.id"],
            name="fk_profile_line_items_recurring_profile",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_profile_line_items_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profile_line_items")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_profile_line_items_user_id_recurring_profile_id_id"),
        "profile_line_items",
        ["user_id", "recurring_profile_id", "id"],
    )


def downgrade() -> None:
    op.drop_index("ix_invoices_recurring_profile_id_iteration_no", "invoices")
    op.drop_column("invoices", "iteration_no")
    op.drop_column("invoices", "recurring_profile_id")
    for table in reversed(OWNED):
        op.drop_table(table)
