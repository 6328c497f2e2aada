"""pyactiveresource in XML for every resource, over a real socket. The list of items, doubly tagged, is beyond it."""

from typing import Any

import pytest
from kinds import KINDS, LINE, SOON, Kind
from pyactiveresource import connection, formats
from pyactiveresource.activeresource import ActiveResource
from served import Server
from shops import Shop
from tables import by_row

STATEMENTS = {name: KINDS[name] for name in ("invoices", "estimates", "recurring_profiles")}


class Models:
    """Each resource as a class of that library, logged in as a shop."""

    def __init__(self, server: Server, shop: Shop) -> None:
        self._site, self.shop = server.url, shop

    def of(self, kind: Kind) -> tuple[type[ActiveResource], dict[str, int]]:
        """The class, and what its calls need besides: whose payments."""
        name = kind.root.title().replace("_", "")
        login = {"_user": self.shop.token, "_password": "X"}  # the token for a name: quicker, no password is hashed
        values = {"_format": formats.XMLFormat, "_site": self._site} | login
        if kind.root != "payment":
            return type(name, (ActiveResource,), values), {}
        prefix = "/invoices/$invoice_id/"
        nested = {"_site": self._site + prefix, "_prefix_source": prefix}
        return type(name, (ActiveResource,), values | nested), {"invoice_id": self.shop.invoice_id}

    def make(self, kind: Kind, **changes: Any) -> ActiveResource:
        """A record of `kind.created`, saved or with its errors."""
        model, owner = self.of(kind)
        created = kind.created | ({"client_id": self.shop.client_id} if "client_id" in kind.created else {})
        record = model(created | changes, prefix_options=owner)
        record.save()
        return record


@pytest.fixture
def models(server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Models:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    return Models(server, shop)


def attributes(record: ActiveResource, names: Any) -> dict[str, Any]:
    return {name: getattr(record, name) for name in names}


@by_row("kind", KINDS)
def test_what_is_found_and_saved_as_it_was_stays_the_same(models: Models, kind: Kind) -> None:
    """It sends back every element with its type, the client and the lines of a statement among them."""
    model, owner = models.of(kind)
    made = models.make(kind)
    record, before = model.find(made.id, **owner), model.find(made.id, **owner).to_xml()
    assert attributes(record, kind.shown) == kind.shown
    assert record.save()
    assert record.to_xml() == before
    assert model.find(made.id, **owner).to_xml() == before
    if kind.root != "item":
        assert [found.to_xml() for found in model.find(**owner)][-1] == before
        assert model.find_first(**owner).id <= made.id


@by_row("kind", KINDS)
def test_create_save_and_destroy(models: Models, kind: Kind) -> None:
    model, owner = models.of(kind)
    record = models.make(kind)
    assert record.is_valid()
    assert attributes(record, kind.shown) == kind.shown
    assert model.exists(record.id, **owner)

    found = model.find(record.id, **owner)  # `record` would send its new lines once more
    for name, value in kind.changed.items():
        setattr(found, name, value)
    assert found.save()
    assert attributes(found, kind.after) == kind.after
    assert attributes(model.find(record.id, **owner), kind.after) == kind.after

    record.destroy()
    assert not model.exists(record.id, **owner)
    with pytest.raises(connection.ResourceNotFound):
        model.find(record.id, **owner)


@by_row("kind", KINDS)
def test_mistakes_are_told_in_whole_sentences(models: Models, kind: Kind) -> None:
    """The library gives each to the attribute that is its first word, or else to the record."""
    model, owner = models.of(kind)
    made, spoilt = models.make(kind), models.make(kind, **kind.refused)
    found, before = model.find(made.id, **owner), model.find(made.id, **owner).to_xml()
    for name, value in kind.refused.items():
        setattr(found, name, value)
    assert not found.save()
    assert model.find(made.id, **owner).to_xml() == before

    sentences = [f"{name.removesuffix('_id').replace('_', ' ')} {why}" for name, why in kind.pairs]
    on_attributes = {name: why for name, why in kind.pairs if "_" not in name}
    for record in (spoilt, found):
        assert not record.is_valid()
        assert sorted(message.lower() for message in record.errors.full_messages()) == sorted(sentences)
        assert {name: record.errors.on(name) for name in on_attributes} == on_attributes
    assert spoilt.id is None


@by_row("kind", STATEMENTS)
def test_client_and_lines_are_objects_inside(models: Models, kind: Kind) -> None:
    model, _ = models.of(kind)
    lines = [LINE, LINE | {"name_and_description": "Größe", "price": "1.00", "quantity": "0.5"}]
    other = models.make(KINDS["clients"])
    record = models.make(kind, line_items_attributes=lines, client_id=other.id)
    found = model.find(record.id)
    assert (found.client.id, found.client.name) == (other.id, "Zoë & Söhne")
    shown = [(line.name_and_description, line.price, float(line.quantity), line.total) for line in found.line_items]
    assert shown == [("Work & travel", "12.50", 2.0, "25.00"), ("Größe", "1.00", 0.5, "0.50")]
    models.make(kind)
    assert [found.id for found in model.find(client=other.id)] == [record.id]


def test_custom_methods_close_and_reopen(models: Models) -> None:
    for kind in (KINDS["invoices"], KINDS["estimates"]):
        record = models.make(kind)
        for action, state in (("close", "closed"), ("reopen", "draft")):
            record.post(action)
            assert models.of(kind)[0].find(record.id).state == state


def test_custom_methods_duplicate_and_convert(models: Models) -> None:
    estimate = models.make(KINDS["estimates"])
    copy = formats.XMLFormat.decode(estimate.post("duplicate").body)
    assert (copy["total_billed"], copy["id"] > estimate.id) == ("$25.00", True)
    invoice = formats.XMLFormat.decode(estimate.post("convert").body)
    found = models.of(KINDS["invoices"])[0].find(invoice["id"])
    assert (found.total_billed, found.state) == ("$25.00", "draft")
    with pytest.raises(connection.ResourceInvalid):
        estimate.post("convert")


def test_a_profile_knows_when_it_bills_next(models: Models) -> None:
    profile = models.make(KINDS["recurring_profiles"], frequency="2", occurences=3, save_as_draft=True)
    found = models.of(KINDS["recurring_profiles"])[0].find(profile.id)
    assert (found.next_billing_date, found.frequency_term, found.occurences) == (SOON, "Weekly", 3)
    assert (found.save_as_draft, found.iteration_no) == (True, 0)
