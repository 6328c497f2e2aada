"""The samples of the two API documents, as printed there: what answers and formats are held to."""

import json

# https://www.curdbee.com/api/payments, "List" and "Show", both formats
LIST_JSON = """\
[
  {
    "payment": {
      "created_at": "2010-08-24T01:47:50Z",
      "updated_at": "2010-08-24T01:47:50Z",
      "payment_method": "cash",
      "amount": "50.00",
      "balance": "0.00",
      "date": "2010-09-25",
      "id": 25
    }
  },
  {
    "payment": {
      "created_at": "2010-09-30T01:47:50Z",
      "updated_at": "2010-09-30T01:47:50Z",
      "payment_method": "PayPal",
      "amount": "150.00",
      "balance": "0.00",
      "date": "2010-09-30",
      "id": 45
    }
  }
]
"""
LIST_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<payments type="array">
  <payment>
    <created-at>2010-08-24T01:47:50Z</created-at>
    <updated-at>2010-08-24T01:47:50Z</updated-at>
    <payment-method>cash</payment-method>
    <amount>50.00</amount>
    <balance>0.00</balance>
    <date>2010-09-25</date>
    <id type="integer">25</id>
  </payment>
  <payment>
    <created-at>2010-09-30T01:47:50Z</created-at>
    <updated-at>2010-09-30T01:47:50Z</updated-at>
    <payment-method>PayPal</payment-method>
    <amount>150.00</amount>
    <balance>0.00</balance>
    <date>2010-09-30</date>
    <id type="integer">45</id>
  </payment>
</payments>
"""
SHOW_JSON = """\
{
  "payment": {
    "created_at": "2010-09-30T01:47:50Z",
    "updated_at": "2010-09-30T01:47:50Z",
    "payment_method": "PayPal",
    "amount": "150.00",
    "balance": "0.00",
    "date": "2010-09-30",
    "id": 45
  }
}
"""
SHOW_XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<payment>
  <created-at>2010-09-30T01:47:50Z</created-at>
  <updated-at>2010-09-30T01:47:50Z</updated-at>
  <payment-method>PayPal</payment-method>
  <amount>150.00</amount>
  <balance>0.00</balance>
  <date>2010-09-30</date>
  <id type="integer">45</id>
</payment>
"""
# The page of the admin API on invoice payments, "List"
ADMIN_JSON = """\
{
  "invoice_payments": [
    {
      "id": 1,
      "invoice_id": 123,
      "amount_cents": 100000,
      "payment_method_id": 1,
      "date": "2024-01-15",
      "accounted": true
    }
  ]
}
"""

# The records of these samples.
CASH, PAYPAL = (each["payment"] for each in json.loads(LIST_JSON))
(INVOICE_PAYMENT,) = json.loads(ADMIN_JSON)["invoice_payments"]
