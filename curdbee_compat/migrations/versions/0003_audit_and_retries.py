"""The audit trail with its triggers, kept answers of POSTs, and payments that look sent twice."""

import sqlalchemy as sa
from alembic import op

from curdbee_compat.migrations.steps import Id

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

HEAD = "UPDATE users SET audit_length = NEW.sequence, audit_head = NEW.hash WHERE id = NEW.user_id;"
# Once a statement: as many changes of one row as there are entries would be quadratic.
HEADS = (
    "UPDATE users SET audit_length = last.sequence, audit_head = last.hash FROM (SELECT DISTINCT ON (user_id) user_id,"
    " sequence, hash FROM written ORDER BY user_id, sequence DESC) AS last WHERE users.id = last.user_id;"
)
REFUSAL = "the audit trail is append-only"


def upgrade() -> None:
    # Columns are added outside of batch mode, which would make the tables anew without their triggers.
    op.add_column("users", sa.Column("audit_length", Id, nullable=False, server_default="0"))
    op.add_column("users", sa.Column("audit_head", sa.String(64), nullable=True))
    op.add_column("payments", sa.Column("created_by", sa.String(64), nullable=True))
    op.add_column("payments", sa.Column("possible_duplicate", sa.Boolean(), nullable=False, server_default=sa.false()))
    recent = ["user_id", "invoice_id", "created_at"]
    op.create_index(op.f("ix_payments_user_id_invoice_id_created_at"), "payments", recent)
    audit_entries()
    idempotency_keys()
    triggers()


def audit_entries() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("sequence", Id, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("actor", sa.String(length=255), nullable=False),
        sa.Column("credential", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=True),
        sa.Column("request_id", sa.String(length=32), nullable=True),
        sa.Column("endpoint", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("record_type", sa.String(length=64), nullable=False),
        sa.Column("record_id", Id, nullable=False),
        sa.Column("invoice_id", Id, nullable=True),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_audit_entries_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
        sa.UniqueConstraint("user_id", "sequence", name=op.f("uq_audit_entries_user_id_sequence")),
        sqlite_autoincrement=True,
    )


def idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("user_id", Id, nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("path_digest", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_digest", sa.String(length=64), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("content_type", sa.String(length=255), nullable=True),
        sa.Column("location", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_idempotency_keys_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint(
            "user_id", "method", "path_digest", "key", name=op.f("uq_idempotency_keys_user_id_method_path_digest_key")
        ),
        sqlite_autoincrement=True,
    )
    expiry = ["user_id", "created_at"]
    op.create_index(op.f("ix_idempotency_keys_user_id_created_at"), "idempotency_keys", expiry)


def triggers() -> None:
    """The head follows what is appended; nothing else may happen to the trail."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"CREATE TRIGGER audit_head AFTER INSERT ON audit_entries BEGIN {HEAD} END")
        for event in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER audit_no_{event} BEFORE {event} ON audit_entries "
                f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )
        there = "id = NEW.id OR (user_id = NEW.user_id AND sequence = NEW.sequence)"
        op.execute(  # INSERT OR REPLACE deletes without a word
            "CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit_entries "
            f"WHEN EXISTS (SELECT 1 FROM audit_entries WHERE {there}) BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )
        return
    for function, body in (
        ("keep_audit_head", f"{HEADS} RETURN NULL;"),
        ("refuse_audit_change", f"RAISE EXCEPTION '{REFUSAL}';"),
    ):
        op.execute(f"CREATE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} END $$")
    op.execute(
        "CREATE TRIGGER audit_head AFTER INSERT ON audit_entries REFERENCING NEW TABLE AS written "
        "FOR EACH STATEMENT EXECUTE FUNCTION keep_audit_head()"
    )
    for event in ("update", "delete"):
        op.execute(
            f"CREATE TRIGGER audit_no_{event} BEFORE {event} ON audit_entries "
            "FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()"
        )
    op.execute(
        "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()"
    )


def downgrade() -> None:
    op.drop_table("idempotency_keys")
    op.drop_table("audit_entries")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION keep_audit_head()")
        op.execute("DROP FUNCTION refuse_audit_change()")
    op.drop_index("ix_payments_user_id_invoice_id_created_at", "payments")
    for name in ("possible_duplicate", "created_by"):
        op.drop_column("payments", name)
    for name in ("audit_head", "audit_length"):
        op.drop_column("users", name)
