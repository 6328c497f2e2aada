"""Items."""

from flask import Blueprint, Response

from curdbee_compat import wire
from curdbee_compat.caching import revalidated
from curdbee_compat.described import described
from curdbee_compat.models.item import Item
from curdbee_compat.resource import Resource
from curdbee_compat.schemas.item import ItemSchema
from curdbee_compat.wire import rails_xml
from curdbee_compat.wire.records import Records

items = Resource(Item, ItemSchema())


def mount(blueprint: Blueprint) -> None:
    """The five actions; the list has an oddity of its own."""
    items.mount(blueprint, "/items", only=("show", "create", "update", "destroy"))
    blueprint.add_url_rule("/items", "items_index", index)


def doubled(plural: str, root: str, values: Records) -> bytes:
    """A list in which each tag is doubled."""
    written = rails_xml.collection(plural, root, Records([root], [list(values)]))
    return written.replace(f'<{plural} type="array"'.encode(), f"<{plural}".encode(), 1)


@described(answer=items.schema, many=True, resource=items, revalidated=True, xml=doubled)
def index() -> Response:
    """200 and the records. In XML each tag is doubled, `<item><item>`, and the root has no type: so documented."""
    if wire.answer_format() != "xml":
        return items.index()
    return revalidated(
        items.version(), lambda: wire.body(doubled(items.schema.plural, items.schema.root, items.records()))
    )
