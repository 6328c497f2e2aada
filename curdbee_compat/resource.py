"""The five actions, once, for every resource; and the one place where rows are scoped to their owner."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from flask import Blueprint, Response, abort, g, request
from sqlalchemy import ColumnElement, Select, and_, bindparam, select, true

from curdbee_compat import current, wire
from curdbee_compat.caching import revalidated
from curdbee_compat.extensions import begin_write, db
from curdbee_compat.models.base import Record
from curdbee_compat.models.user import User
from curdbee_compat.paging import DEFAULT_SIZE, asked_page, is_asked
from curdbee_compat.prepared import Prepared
from curdbee_compat.schemas.base import Schema
from curdbee_compat.wire.records import Records

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
        return revalidated(
            self.version(**keys),
            lambda: wire.write_list(self.schema.plural, self.schema.root, self.records(**keys)),
        )

    def show(self, id: int, **keys: int) -> Response:
        """200 and the record, or 404."""
        return revalidated(self.version(**keys), lambda: wire.write(self.schema.root, self._shown(id=id, **keys)))

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

    def records(self, **keys: int) -> Records:
        """The dumped records of the page that was asked for; 404 without the owner."""
        filters = self._filters()
        values = {**self.values(**keys), **filters}
        paged = self.per_page is not None or is_asked()
        if paged:
            page = asked_page(self.per_page or DEFAULT_SIZE)
            values |= {"size": page.size, "offset": page.offset}
        rows = self._prepared(self._listed, paged, *filters).all(values)
        if self.owner:
            if not rows:
                abort(404)
            place = self.schema.columns.index("id")
            rows = [row for row in rows if row[place] is not None]  # an owner without any: one row of nulls
        if self.schema.lines:
            rows = self._with_lines(rows, self._prepared(self._lines_listed, paged, *filters).all(values))
        return self.schema.dump_rows(rows)

    def rows(self, *what: Any, keys: Collection[str] = ()) -> Select[Any]:
        """Select `what` from the rows that the user may touch here: every read and every write starts with this.

        `keys` are the names of the ids in the URL; they and `user_id` are values to be bound, see `values`."""
        if not self.owner:
            return select(*what).where(self.mine(self.model))
        return select(*what).select_from(self.owner).join(self.model, self._belongs).where(*self._owned(keys))

    def values(self, **keys: int) -> dict[str, Any]:
        """What `rows` leaves to be bound."""
        return {"user_id": current.g().user.id, **keys}

    def find(self, id: int, **keys: int) -> Any:
        """The record to write to, its owner read along with it; or 404."""
        what = (self.model, self.owner) if self.owner else (self.model,)
        query = self.rows(*what, keys=keys).where(self.model.id == id)
        found = db.session.execute(query, self.values(**keys)).first()
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
        if self.owner:
            query = select(self.owner).where(*self._owned(keys))
            if db.session.scalars(query, self.values(**keys)).first() is None:
                abort(404)
        return user_id

    def mine(self, model: Any) -> ColumnElement[bool]:
        """Which rows of a table the user may touch: his own."""
        return model.user_id == bindparam("user_id")

    def user_id(self, **keys: int) -> int | None:
        """Whose data are written."""
        return g.user.id

    def version(self, **keys: int) -> tuple[int, int] | None:
        """Whose data are read, and their version as it was before they are read; None for those of many users."""
        user = current.g().user
        return user.id, user.version

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

    def _shown(self, **keys: int) -> dict[str, Any]:
        """The dumped record, or 404."""
        values = self.values(**keys)
        rows = self._prepared(self._one, *keys).all(values)
        if not rows:
            abort(404)
        if self.schema.lines:
            rows = self._with_lines(rows, self._prepared(self._lines_of_one).all(values))
        return self.schema.dump_row(rows[0])

    def _prepared(self, build: Callable[..., Select[Any]], *shape: Any) -> Prepared:
        """The select that `build` makes of `shape`, built once a process."""
        key = (build.__name__, *shape)
        if key not in self._selects:
            self._selects[key] = Prepared(build(*shape))
        return self._selects[key]

    @cached_property
    def _selects(self) -> dict[tuple[Any, ...], Prepared]:
        return {}

    def _one(self, *keys: str) -> Select[Any]:
        return self.rows(*self.columns, keys=keys).where(self.model.id == bindparam("id"))

    def _listed(self, paged: bool, *filters: str) -> Select[Any]:
        """The rows of a list. Below an owner it is joined from the owner's side, so that one statement tells an owner
        without records from one who is not there."""
        if not self.owner:
            return self._page(self.columns, paged, *filters)
        belongs = self._belongs
        if paged:
            belongs = and_(belongs, self.model.id.in_(self._page([self.model.id], paged)))
        joined = select(*self.columns).select_from(self.owner).outerjoin(self.model, belongs)
        return joined.where(*self._owned([self._key])).order_by(self.model.id)

    def _page(self, columns: Sequence[Any], paged: bool, *filters: str) -> Select[Any]:
        """`size` rows from the `offset`-th on, or all; each filter is an equality."""
        wanted = [getattr(self.model, self.filters[name]) == bindparam(name) for name in filters]
        keys = [self._key] if self.owner else []
        query = self.rows(*columns, keys=keys).where(*wanted).order_by(self.model.id)
        return query.limit(bindparam("size")).offset(bindparam("offset")) if paged else query

    def _filters(self) -> dict[str, int]:
        """The filters that were sent, with their values; one that no id can have becomes an id that no row has."""
        sent = {name: request.args[name] for name in self.filters if request.args.get(name)}
        return {
            name: int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
            for name, text in sent.items()
        }

    @property
    def _key(self) -> str:
        """The foreign key to the owner, which is also the variable in the URL."""
        return foreign_key(self.owner)

    @property
    def _belongs(self) -> ColumnElement[bool]:
        return and_(self.model.user_id == self.owner.user_id, getattr(self.model, self._key) == self.owner.id)

    def _owned(self, keys: Collection[str]) -> list[ColumnElement[bool]]:
        named = self.owner.id == bindparam(self._key) if self._key in keys else true()
        return [self.mine(self.owner), named]

    def _lines_of_one(self) -> Select[Any]:
        return self._lines().where(self._statement_id == bindparam("id"))

    def _lines_listed(self, paged: bool, *filters: str) -> Select[Any]:
        return self._lines().where(self._statement_id.in_(self._page([self.model.id], paged, *filters)))

    def _lines(self) -> Select[Any]:
        """The user's line items, each behind the id of its statement."""
        model = self.model.line_model
        columns = [getattr(model, name) for name in self.schema.line_schema.columns]
        return select(self._statement_id, *columns).where(self.mine(model)).order_by(*model.in_order())

    @property
    def _statement_id(self) -> Any:
        return getattr(self.model.line_model, foreign_key(self.model))

    def _with_lines(self, rows: Sequence[Any], lines: Sequence[Any]) -> list[Any]:
        """The rows, each with its dumped line items behind it."""
        place, dump = self.schema.columns.index("id"), self.schema.line_schema.dump_row
        found: dict[int, list[dict[str, Any]]] = {}
        for statement_id, *values in lines:
            found.setdefault(statement_id, []).append(dump(values))
        return [(*row, found.get(row[place], [])) for row in rows]


def foreign_key(model: Any) -> str:
    """What other tables call the id of this one: invoice_id."""
    return f"{model.__tablename__.removesuffix('s')}_id"
