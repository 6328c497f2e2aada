"""The five actions, once, for every resource; and the one place where rows are scoped to their owner."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, abort, g, request
from sqlalchemy import ColumnElement, Select, and_, false, select, true

from curdbee_compat import wire
from curdbee_compat.caching import revalidated
from curdbee_compat.extensions import begin_write, db
from curdbee_compat.models.base import Record
from curdbee_compat.models.user import User
from curdbee_compat.paging import DEFAULT_SIZE, Page, asked_page, is_asked
from curdbee_compat.schemas.base import Schema

ACTIONS = ("index", "show", "create", "update", "destroy")


@dataclass(frozen=True)
class Resource:
    """One resource of the public API. `owner` is the model whose id the URL carries; `filters` maps query arguments
    to columns; `per_page` is None where a list is whole unless paging is asked for."""

    model: Any
    schema: Schema
    owner: Any = None
    filters: Mapping[str, str] = field(default_factory=dict)
    per_page: int | None = 20

    def mount(self, blueprint: Blueprint, path: str, only: Sequence[str] = ACTIONS) -> None:
        """Route the actions: the collection at `path`, a member below it. No route spells a format."""
        name = "_".join(part for part in path.split("/") if part and part[0] != "<")
        one = f"{path}/<id:id>"
        for action, rule, methods in (
            ("index", path, ["GET"]),
            ("show", one, ["GET"]),
            ("create", path, ["POST"]),
            ("update", one, ["PUT", "PATCH"]),
            ("destroy", one, ["DELETE"]),
        ):
            if action in only:
                blueprint.add_url_rule(rule, f"{name}_{action}", getattr(self, action), methods=methods)

    def index(self, **keys: int) -> Response:
        """200 and the records, oldest first; 404 below an owner who is not there."""
        version = self.version(**keys)
        return revalidated(wire.write_list(self.schema.plural, self.schema.root, self.records(**keys)), version)

    def show(self, id: int, **keys: int) -> Response:
        """200 and the record, or 404."""
        version = self.version(**keys)
        row = db.session.execute(self.rows(*self.columns, **keys).where(self.model.id == id)).first()
        if row is None:
            abort(404)
        response = wire.write(self.schema.root, self.schema.dump_row(self._with_lines([row])[0]))
        return revalidated(response, version)

    def create(self, **keys: int) -> Response:
        """201, the record and its Location; 404 below an owner who is not there, 422 for what it may not be."""
        user_id = self.begin(**keys)
        record = self.model(**keys) if user_id is None else self.model(user_id=user_id, **keys)
        values = self.schema.load(self.sent())
        db.session.add(record)
        record.change(values)
        return self.written(record, 201)

    def update(self, id: int, **keys: int) -> Response:
        """200 and the record with what was sent changed; nothing sent changes nothing."""
        self.begin(**keys)
        record = self.find(id, **keys)
        record.change(self.schema.load(self.sent(), partial=True))
        return self.written(record, 200)

    def destroy(self, id: int, **keys: int) -> Response:
        """200 and nothing; 422 where the rules forbid it."""
        self.begin(**keys)
        self.find(id, **keys).destroy()
        db.session.commit()
        return wire.empty()

    def records(self, **keys: int) -> list[dict[str, Any]]:
        """The dumped records of the page that was asked for; 404 without the owner."""
        page = asked_page(self.per_page or DEFAULT_SIZE) if self.per_page or is_asked() else None
        rows = db.session.execute(self._listed(page, **keys)).all()
        if self.owner:
            if not rows:
                abort(404)
            rows = [row for row in rows if row.id is not None]  # an owner without any: one row of nulls
        return self.schema.dump_rows(self._with_lines(rows))

    def rows(self, *what: Any, **keys: int) -> Select[Any]:
        """Select `what` from the rows that the user may touch here: every read and every write starts with this."""
        if not self.owner:
            return select(*what).where(self.mine(self.model))
        return select(*what).select_from(self.owner).join(self.model, self._belongs).where(*self._owned(**keys))

    def find(self, id: int, **keys: int) -> Any:
        """The record to write to, its owner read along with it; or 404."""
        what = (self.model, self.owner) if self.owner else (self.model,)
        found = db.session.execute(self.rows(*what, **keys).where(self.model.id == id)).first()
        if found is None:
            abort(404)
        return found[0]

    def begin(self, **keys: int) -> int | None:
        """Begin to write: lock the one row that all writers of these data lock, and find the owner, or 404.

        The id of the user whose data they are; None for data of no user."""
        user_id = self.user_id(**keys)
        wire.receive()
        begin_write()
        if user_id:
            User.lock([user_id])
        if self.owner and db.session.scalars(select(self.owner).where(*self._owned(**keys))).first() is None:
            abort(404)
        return user_id

    def mine(self, model: Any) -> ColumnElement[bool]:
        """Which rows of a table the user may touch: his own."""
        return model.user_id == g.user.id

    def user_id(self, **keys: int) -> int | None:
        """Whose data are written."""
        return g.user.id

    def version(self, **keys: int) -> tuple[int, int] | None:
        """Whose data are read, and their version as it was before they are read; None for those of many users."""
        return g.user.id, g.user.version

    def sent(self) -> dict[str, Any]:
        """The attributes sent; without a root, those of known names, since ActiveResource 2.3 sends JSON so."""
        return wire.read(self.schema.root, self.schema.load_fields)

    def written(self, record: Record, status: int) -> Response:
        """Commit, and answer with the record as it now is."""
        db.session.flush()
        value = self.schema.dump(record)
        db.session.commit()
        response = wire.write(self.schema.root, value, status)
        response.headers["Location"] = wire.absolute(self.path(record))
        return response

    def path(self, record: Record) -> str:
        """Where the record can be read: never nested, as the original had it."""
        return f"/{self.schema.plural}/{record.id}"

    @cached_property
    def columns(self) -> list[Any]:
        """What is selected to show a record."""
        return [getattr(self.model, name).label(name) for name in self.schema.columns]

    def _listed(self, page: Page | None, **keys: int) -> Select[Any]:
        """A page of rows. Below an owner it is joined from the owner's side, so that one statement tells an owner
        without records from one who is not there."""
        if not self.owner:
            return self._paged(self.rows(*self.columns, **keys).where(*self._filters()), page)
        belongs = self._belongs
        if page:
            belongs = and_(belongs, self.model.id.in_(self._paged(self.rows(self.model.id, **keys), page)))
        joined = select(*self.columns).select_from(self.owner).outerjoin(self.model, belongs)
        return joined.where(*self._owned(**keys)).order_by(self.model.id)

    def _paged(self, query: Select[Any], page: Page | None) -> Select[Any]:
        query = query.order_by(self.model.id)
        return query.limit(page.size).offset(page.offset) if page else query

    def _filters(self) -> list[ColumnElement[bool]]:
        """Equality for each filter sent; a value that no id can have matches nothing."""
        sent = {name: request.args[name] for name in self.filters if request.args.get(name)}
        return [
            getattr(self.model, self.filters[name]) == int(text)
            if text.isascii() and text.isdigit() and len(text) < 19
            else false()
            for name, text in sent.items()
        ]

    @property
    def _key(self) -> str:
        """The foreign key to the owner, which is also the variable in the URL."""
        return self.owner.__tablename__.removesuffix("s") + "_id"

    @property
    def _belongs(self) -> ColumnElement[bool]:
        return and_(self.model.user_id == self.owner.user_id, getattr(self.model, self._key) == self.owner.id)

    def _owned(self, **keys: int) -> list[ColumnElement[bool]]:
        named = self.owner.id == keys[self._key] if self._key in keys else true()
        return [self.mine(self.owner), named]

    def _with_lines(self, rows: Sequence[Any]) -> Sequence[Any]:
        """The rows, each with its dumped line items behind it where the schema has any; one statement for all."""
        if not (lines := self.schema.lines):
            return rows
        model = self.model.line_model
        key = getattr(model, self.model.__tablename__.removesuffix("s") + "_id")
        columns = [getattr(model, name) for name in lines.schema.columns]
        found: dict[int, list[dict[str, Any]]] = {row.id: [] for row in rows}
        query = select(key, *columns).where(model.user_id == g.user.id, key.in_(found))
        for owner_id, *values in db.session.execute(query.order_by(*model.in_order())):
            found[owner_id].append(lines.schema.dump_row(values))
        return [(*row, found[row.id]) for row in rows]
