"""JSON written as documented. No application."""

import json
from decimal import Decimal

import pytest
from documents import ADMIN_JSON, CASH, INVOICE_PAYMENT, LIST_JSON, PAYPAL, SHOW_JSON

from curdbee_compat.wire import rails_json

# The other sample of the admin page.
ADMIN_SHOW_SAMPLE = """{
  "invoice_payment": {
    "id": 1,
    "invoice_id": 123,
    "amount_cents": 100000,
    "payment_method_id": 1,
    "date": "2024-01-15",
    "accounted": true
  }
}"""


def keys_in_order(value: object) -> str:
    """As printed with the keys where they are: == alone would not see them change places."""
    return json.dumps(value)


@pytest.mark.parametrize(
    ("written", "sample"),
    [
        (rails_json.collection("payment", [CASH, PAYPAL]), LIST_JSON),
        (rails_json.record("payment", PAYPAL), SHOW_JSON),
        (rails_json.wrapped("invoice_payments", [INVOICE_PAYMENT]), ADMIN_JSON),
        (rails_json.record("invoice_payment", INVOICE_PAYMENT), ADMIN_SHOW_SAMPLE),
    ],
    ids=["list", "show", "admin list", "admin show"],
)
def test_the_documented_samples_are_written_with_their_keys_in_order(written: bytes, sample: str) -> None:
    assert keys_in_order(json.loads(written)) == keys_in_order(json.loads(sample))


def test_json_is_compact_and_roots_are_where_each_api_has_them() -> None:
    values = [{"id": 1, "note": None}, {"id": 2, "note": "é <&>"}]
    assert rails_json.record("item", values[0]) == b'{"item":{"id":1,"note":null}}'
    listed = '[{"item":{"id":1,"note":null}},{"item":{"id":2,"note":"é <&>"}}]'
    assert rails_json.collection("item", iter(values)) == listed.encode()
    assert rails_json.wrapped("items", iter(values[:1])) == b'{"items":[{"id":1,"note":null}]}'
    assert rails_json.document([["date", "can't be blank"]]) == b'[["date","can\'t be blank"]]'


def test_empty_lists_are_written_as_documented() -> None:
    assert rails_json.collection("payment", []) == b"[]"
    assert rails_json.wrapped("invoice_payments", []) == b'{"invoice_payments":[]}'


def test_a_float_stays_a_float_and_a_truth_a_truth() -> None:
    assert rails_json.record("line", {"quantity": 2.0, "done": True}) == b'{"line":{"quantity":2.0,"done":true}}'


def test_what_schemas_never_dump_is_refused() -> None:
    with pytest.raises(TypeError):
        rails_json.record("payment", {"amount": Decimal("1.00")})
