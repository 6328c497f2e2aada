"""How the admin namespace differs from the public one: no owner's scope, other lists, stricter bodies, 204."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort
from sqlalchemy import ColumnElement, Select, bindparam, select, true
from werkzeug.exceptions import BadRequest

from curdbee_compat import wire
from curdbee_compat.admin import csv_list, search
from curdbee_compat.caching import revalidated
from curdbee_compat.extensions import db
from curdbee_compat.models.base import Record
from curdbee_compat.models.user import User
from curdbee_compat.paging import Page, asked_page
from curdbee_compat.prepared import prepared
from curdbee_compat.resource import Resource
from curdbee_compat.wire.records import Records

PER_PAGE, MAX_PER_PAGE = 30, 10_000  # ActiveAdmin's


def formats(*names: str) -> Callable[[Any], Any]:
    """Say which formats a view has, where it has others than JSON and XML."""

    def mark(view: Any) -> Any:
        view.formats = names
        return view

    return mark


@dataclass(frozen=True, eq=False)
class AdminResource(Resource):
    """A resource as ActiveAdmin serves it."""

    @formats("json", "xml", "csv")
    def index(self, **keys: int) -> Response:
        """200 and the records that scope and `q` leave, newest first; 422 for unknown ones. CSV has all pages."""
        version = self.version(**keys)
        if wire.wanted(("json", "xml", "csv")) == "csv":
            return csv_list.write(self.schema, self.found(None, **keys))
        page = asked_page(PER_PAGE, MAX_PER_PAGE)
        return revalidated(
            version, lambda: wire.write_wrapped(self.schema.plural, self.schema.root, self.found(page, **keys))
        )

    def found(self, page: Page | None, **keys: int) -> Records:
        """The dumped records of a page, or all, that scope and `q` leave."""
        scope, order, conditions = search.asked(self.model, self.schema)
        paged, values = page is not None, self.values(**keys)
        if page:
            values |= {"size": page.size, "offset": page.offset}
        if conditions:  # which hold values of this one request
            query = self.searched(scope, order, paged, *keys).where(*conditions)
            return self.schema.dump_rows(db.session.execute(query, values).all())
        return self.schema.dump_rows(prepared(self.searched, scope, order, paged, *keys).all(values))

    def searched(self, scope: str, order: str, paged: bool, *keys: str) -> Select[Any]:
        """The rows of a scope, sorted; if paged, `size` of them from the `offset`-th on."""
        query = search.narrowed(self.rows(*self.columns, keys=keys), self.model, self.schema, scope, order)
        return query.limit(bindparam("size")).offset(bindparam("offset")) if paged else query

    def destroy(self, id: int, **keys: int) -> Response:
        """204, without body and type; 422 where the rules forbid it."""
        super().destroy(id, **keys)
        response = Response(status=204, headers={"Cache-Control": "no-cache"})
        del response.headers["Content-Type"]
        return response

    def mine(self, model: Any) -> ColumnElement[bool]:
        """Every user's."""
        return true()

    def user_id(self, **keys: int) -> int | None:
        """The owner's owner; data below nothing belong to nobody."""
        owner = self.version(**keys)
        return owner[0] if owner else None

    def version(self, **keys: int) -> tuple[int, int] | None:
        """The user whose invoice it is, or 404. Lists across users have no version."""
        if not self.owner:
            return None
        found = prepared(self._whose, *keys).all(self.values(**keys))
        return found[0] if found else abort(404)

    def _whose(self, *keys: str) -> Select[Any]:
        owned = self.owned(keys)
        query: Any = select(User.id, User.version)
        return query.join(self.owner, self.owner.user_id == User.id).where(*owned)

    def sent(self) -> dict[str, Any]:
        """The attributes under the root; none is 400, as with Rails' strong parameters."""
        return wire.read(self.schema.root) or self._nothing_sent()

    def path(self, record: Record) -> str:
        """Below its owner, where it has one."""
        below = f"{self.owner.__tablename__}/{getattr(record, self.key)}/" if self.owner else ""
        return f"/admin/{below}{self.schema.plural}/{record.id}"

    def _nothing_sent(self) -> dict[str, Any]:
        raise BadRequest
