"""Who gets what on every route: the table behind `test_access`, written by hand."""

# Whoever sends no credentials, wrong ones, or those of a disabled user gets 401 on every route that is not open. For
# the three who are known there is a column each: another user, the owner of the records, and an administrator, who has
# nothing of his own here. An action is named as in `actions`, of which its first request is sent.
KNOWN = {
    # action                                      another  owner  admin
    "api.clients_index": (200, 200, 200),
    "api.clients_show": (404, 200, 404),
    "api.clients_create": (201, 201, 201),
    "api.clients_update": (404, 200, 404),
    "api.clients_destroy": (404, 200, 404),
    "api.items_index": (200, 200, 200),
    "api.items_show": (404, 200, 404),
    "api.items_create": (201, 201, 201),
    "api.items_update": (404, 200, 404),
    "api.items_destroy": (404, 200, 404),
    "api.currencies_index": (200, 200, 200),
    "api.invoices_index": (200, 200, 200),
    "api.invoices_show": (404, 200, 404),
    "api.invoices_create": (422, 201, 422),  # for a client of the owner's
    "api.invoices_update": (404, 200, 404),
    "api.invoices_destroy": (404, 200, 404),
    "api.invoices_duplicate": (404, 201, 404),
    "api.invoices_close": (404, 200, 404),
    "api.invoices_reopen": (404, 200, 404),
    "api.invoice_deliver": (404, 200, 404),
    "api.estimates_index": (200, 200, 200),
    "api.estimates_show": (404, 200, 404),
    "api.estimates_create": (422, 201, 422),
    "api.estimates_update": (404, 200, 404),
    "api.estimates_destroy": (404, 200, 404),
    "api.estimates_duplicate": (404, 201, 404),
    "api.estimates_close": (404, 200, 404),
    "api.estimates_reopen": (404, 200, 404),
    "api.estimate_deliver": (404, 200, 404),
    "api.convert": (404, 201, 404),
    "api.recurring_profiles_index": (200, 200, 200),
    "api.recurring_profiles_show": (404, 200, 404),
    "api.recurring_profiles_create": (422, 201, 422),
    "api.recurring_profiles_update": (404, 200, 404),
    "api.recurring_profiles_destroy": (404, 200, 404),
    "api.invoices_payments_index": (404, 200, 404),
    "api.invoices_payments_show": (404, 200, 404),
    "api.invoices_payments_create": (404, 201, 404),
    "api.invoices_payments_update": (404, 200, 404),
    "api.invoices_payments_destroy": (404, 200, 404),
    "api.payments_show": (404, 200, 404),
    "admin.invoices_invoice_payments_index": (403, 403, 200),
    "admin.invoices_invoice_payments_show": (403, 403, 200),
    "admin.invoices_invoice_payments_create": (403, 403, 201),
    "admin.invoices_invoice_payments_update": (403, 403, 200),
    "admin.invoices_invoice_payments_destroy": (403, 403, 204),
    "admin.batch_action: mark_accounted": (403, 403, 200),
    "admin.batch_action: mark_unaccounted": (403, 403, 200),
    "admin.batch_action: update": (403, 403, 200),
    "admin.batch_action: destroy": (403, 403, 200),
    "admin.invoices_index": (403, 403, 200),
    "admin.invoices_show": (403, 403, 200),
    "admin.payment_methods_index": (403, 403, 200),
    "admin.payment_methods_show": (403, 403, 200),
    "admin.payment_methods_create": (403, 403, 201),
    "admin.payment_methods_update": (403, 403, 200),
    "admin.payment_methods_destroy": (403, 403, 204),
    "admin.users_index": (403, 403, 200),
    "admin.users_show": (403, 403, 200),
}
# Lists that hold nothing of another user's; the currencies are everybody's.
OWN_LISTS = {action for action in KNOWN if action.startswith("api.") and action.endswith("s_index")} - {
    "api.currencies_index",
    "api.invoices_payments_index",
}
# Paths that are open: all six get the same, whatever they send. KEY is that of a delivered statement.
OPEN = {
    "/docs": "text/html",
    "/openapi.json": "application/json",
    "/": "text/html",
    "/healthz": "text/plain",
    "/readyz": "text/plain",
    "/robots.txt": "text/plain",
    "/inv/KEY": "text/html",
    "/inv/KEY.pdf": "application/pdf",
    "/est/KEY": "text/html",
    "/est/KEY.pdf": "application/pdf",
    "/static/pages.css": "text/css",
}
# What a row's own method brings along: whoever may do the one may do the other.
ALIKE = {"GET": ("GET", "HEAD"), "PUT": ("PATCH", "PUT")}
