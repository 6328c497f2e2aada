"""Row-level security on Postgres: each user's rows for that user alone, whatever the code asks for."""

from curdbee_compat.migrations.steps import PAGE_KEY, no_row_level_security, row_level_security

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Every table of users' data.
TENANTS = (
    "audit_entries",
    "clients",
    "estimate_line_items",
    "estimates",
    "idempotency_keys",
    "invoice_line_items",
    "invoices",
    "items",
    "outgoing_mails",
    "payments",
    "profile_line_items",
    "recurring_profiles",
)


def of_the_page(column: str, wanted: str, table: str) -> str:
    """Rows that the statement with the page's key refers to, or that refer to it. Keys are unique."""
    return f"{column} = (SELECT {wanted} FROM {table} WHERE hash_key = {PAGE_KEY})"


PAGES = {
    "invoices": f"hash_key = {PAGE_KEY}",
    "estimates": f"hash_key = {PAGE_KEY}",
    "invoice_line_items": of_the_page("invoice_id", "id", "invoices"),
    "estimate_line_items": of_the_page("estimate_id", "id", "estimates"),
    "clients": " OR ".join(of_the_page("id", "client_id", table) for table in ("invoices", "estimates")),
}


def upgrade() -> None:
    for table in TENANTS:
        row_level_security(table, PAGES.get(table))


def downgrade() -> None:
    for table in TENANTS:
        no_row_level_security(table)
