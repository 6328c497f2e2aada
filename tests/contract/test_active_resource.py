"""pyactiveresource in XML, an unmodified client of the era, over a real socket."""

import pytest
from pyactiveresource import connection, formats
from pyactiveresource.activeresource import ActiveResource
from served import Server
from shops import PASSWORD, Shop


@pytest.fixture
def models(server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> dict[str, type[ActiveResource]]:
    """The three resources as classes of that library, by name."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    common = {"_format": formats.XMLFormat, "_user": shop.name, "_password": PASSWORD}
    nested = {"_site": f"{server.url}/invoices/$invoice_id/", "_prefix_source": "/invoices/$invoice_id/"}
    return {
        "Client": type("Client", (ActiveResource,), common | {"_site": server.url}),
        "Invoice": type("Invoice", (ActiveResource,), common | {"_site": server.url}),
        "Payment": type("Payment", (ActiveResource,), common | nested),
    }


@pytest.fixture
def payment_class(models: dict) -> type[ActiveResource]:
    return models["Payment"]


def test_list_of_none_one_and_two(payment_class: type[ActiveResource], shop: Shop) -> None:
    for expected in ([], ["5.00"], ["5.00", "6.00"]):
        found = payment_class.find(invoice_id=shop.invoice_id)
        assert [payment.amount for payment in found] == expected
        shop.pay(f"{5 + len(expected)}.00")
    first = payment_class.find_first(invoice_id=shop.invoice_id)
    assert (first.amount, first.date, first.payment_method) == ("5.00", "2010-09-30", "cash")


def test_find_one(payment_class: type[ActiveResource], shop: Shop) -> None:
    number = shop.pay("50.00")
    payment = payment_class.find(number, invoice_id=shop.invoice_id)
    assert (payment.id, payment.amount, payment.balance) == (number, "50.00", "150.00")


def test_create_knows_its_id_and_what_was_computed(payment_class: type[ActiveResource], shop: Shop) -> None:
    attributes = {"date": "2010-09-30", "amount": "100.00", "payment_method": None}
    payment = payment_class(attributes, prefix_options={"invoice_id": shop.invoice_id})
    assert payment.save()
    (stored,) = shop.paid()
    assert (payment.id, payment.amount, payment.balance) == (stored["id"], "100.00", "100.00")
    assert stored["payment_method"] is None


def test_save_sends_the_whole_record_back(payment_class: type[ActiveResource], shop: Shop) -> None:
    number = shop.pay("50.00")
    payment = payment_class.find(number, invoice_id=shop.invoice_id)
    payment.amount = "60.00"
    assert payment.save()
    assert (payment.id, payment.balance) == (number, "140.00")
    assert [row["amount"] for row in shop.paid()] == ["60.00"]


def test_destroy_and_exists(payment_class: type[ActiveResource], shop: Shop) -> None:
    number = shop.pay("50.00")
    assert payment_class.exists(number, invoice_id=shop.invoice_id)
    payment_class.find(number, invoice_id=shop.invoice_id).destroy()
    assert not payment_class.exists(number, invoice_id=shop.invoice_id)
    with pytest.raises(connection.ResourceNotFound):
        payment_class.find(number, invoice_id=shop.invoice_id)


def test_mistakes_land_on_their_attributes(payment_class: type[ActiveResource], shop: Shop) -> None:
    attributes = {"date": "", "amount": "abc"}
    payment = payment_class(attributes, prefix_options={"invoice_id": shop.invoice_id})
    assert not payment.save()
    assert payment.errors.on("date") == "can't be blank"
    assert payment.errors.on("amount") == "is not a number"
    assert shop.paid() == []


def test_clients(models: dict[str, type[ActiveResource]], shop: Shop) -> None:
    client = models["Client"].create({"name": "Zoë <&>", "city": None})
    assert client.is_valid()
    again = models["Client"].find(client.id)
    assert (again.name, again.city, again.currency.symbol) == ("Zoë <&>", None, "$")
    again.city = "Köln"
    assert again.save()
    assert [found.name for found in models["Client"].find()] == ["Acme", "Zoë <&>"]
    assert models["Client"].find(client.id).full_address_with_comma == "Köln"
    again.name = ""
    assert not again.save()
    assert again.errors.on("name") == "can't be blank"
    again.destroy()
    assert not models["Client"].exists(client.id)


def test_invoices(models: dict[str, type[ActiveResource]], shop: Shop) -> None:
    line = {"name_and_description": "Work", "price": "12.50", "quantity": 2}
    invoice = models["Invoice"].create({"client_id": shop.client_id, "line_items_attributes": [line]})
    assert invoice.is_valid()
    assert (invoice.total_billed, invoice.client.name, invoice.state) == ("$25.00", "Acme", "draft")
    assert [(found.price, str(found.quantity)) for found in invoice.line_items] == [("12.50", "2.0")]
    again = models["Invoice"].find(invoice.id)
    again.notes = "Thanks"
    assert again.save()
    assert (again.notes, len(again.line_items), again.total_billed) == ("Thanks", 1, "$25.00")
    assert [found.id for found in models["Invoice"].find(client=shop.client_id)] == [shop.invoice_id, invoice.id]
    again.destroy()
    assert not models["Invoice"].exists(invoice.id)


def test_wrong_password(models: dict[str, type[ActiveResource]]) -> None:
    models["Client"].password = "wrong"
    with pytest.raises(connection.UnauthorizedAccess):
        models["Client"].find()


def test_wrong_method(models: dict[str, type[ActiveResource]]) -> None:
    with pytest.raises(connection.MethodNotAllowed):
        models["Client"].connection.delete("clients.xml")
