"""The five actions, once, for every resource."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort
from marshmallow import ValidationError
from werkzeug.exceptions import BadRequest

from curdbee_compat import current, idempotency, storing, wire
from curdbee_compat.caching import revalidated
from curdbee_compat.extensions import db
from curdbee_compat.models.base import Record
from curdbee_compat.models.user import User
from curdbee_compat.paging import DEFAULT_SIZE, asked_page, is_asked
from curdbee_compat.prepared import once, prepared
from curdbee_compat.selects import Selects
from curdbee_compat.wire.records import Records

ACTIONS = ("index", "show", "create", "update", "destroy")


@dataclass(frozen=True, eq=False)
class Resource(Selects):
    """One resource of the public API; `per_page` is None where a list is whole unless paging is asked for."""

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
        return idempotency.finish(wire.empty())

    def records(self, **keys: int) -> Records:
        """The dumped records of the page that was asked for; 404 without the owner."""
        filters = self._filters()
        values = {**self.values(**keys), **filters}
        paged = self.per_page is not None or is_asked()
        if paged:
            page = asked_page(self.per_page or DEFAULT_SIZE)
            values |= {"size": page.size, "offset": page.offset}
        rows = prepared(self.listed, paged, *filters).all(values)
        if self.owner:
            if not rows:
                abort(404)
            if rows[0][self.schema.columns.index("id")] is None:  # an owner without any: one row of nulls
                rows = []
        if self.schema.lines:
            rows = self._with_lines(rows, prepared(self.lines_listed, paged, *filters).all(values))
        return self.schema.dump_rows(rows)

    def values(self, **keys: int) -> dict[str, Any]:
        """What `rows` leaves to be bound."""
        return {"user_id": current.g().user.id, **keys}

    def find(self, id: int, **keys: int) -> Any:
        """The record to write to, its owner read along with it; or 404."""
        found = db.session.execute(once(self.whole, *keys), self.values(id=id, **keys)).first()
        if found is None:
            abort(404)
        return found[0]

    def begin(self, **keys: int) -> int | None:
        """Begin to write, behind the lock of whose data they are: the id of that user, None for data of no user."""
        user_id = self.user_id(**keys)
        wire.receive()
        idempotency.begin()
        if user_id:
            self.lock(user_id, **keys)
        return user_id

    def lock(self, user_id: int, **keys: int) -> None:
        """Lock the row that all writers of this user's data lock; below an owner find and lock him, too, or 404.

        Then `g.locked` has the owner, the user and the records that were named."""
        if not self.owner:
            User.lock([user_id])
            return
        rows = once(self.locked, *keys).all({**self.values(**keys), **self._names_sent()})
        if not rows:
            abort(404)
        current.g().locked = storing.loaded(self.lockable, rows[0])

    def user_id(self, **keys: int) -> int | None:
        """Whose data are written."""
        return current.g().user.id

    def version(self, **keys: int) -> tuple[int, int] | None:
        """Whose data are read, and their version as it was before they are read; None for those of many users."""
        user = current.g().user
        return user.id, user.version

    def sent(self) -> dict[str, Any]:
        """The attributes sent; without a root, those of known names, since ActiveResource 2.3 sends JSON so."""
        return wire.read(self.schema.root, self.schema.load_fields)

    def written(self, record: Record, status: int) -> Response:
        """Write and commit, and answer with the record as it now is."""
        db.session.flush()
        return self.answered(record, status)

    def answered(self, record: Record, status: int) -> Response:
        """Commit, and answer with the record as it now is."""
        response = wire.write(self.schema.root, self.schema.dump(record), status)
        response.headers["Location"] = wire.absolute(self.path(record))
        return idempotency.finish(response)

    def path(self, record: Record) -> str:
        """Where the record can be read: never nested, as the original had it."""
        return f"/{self.schema.plural}/{record.id}"

    def _shown(self, **keys: int) -> dict[str, Any]:
        """The dumped record, or 404."""
        values = self.values(**keys)
        rows = prepared(self.one, *keys).all(values)
        if not rows:
            abort(404)
        if self.schema.lines:
            rows = self._with_lines(rows, prepared(self.lines_of_one).all(values))
        return self.schema.dump_row(rows[0])

    def _names_sent(self) -> dict[str, str | None]:
        """The names of other records among what was sent, for `locked`. What is wrong with it is told later."""
        sent: dict[str, Any] = {}
        with suppress(BadRequest, ValidationError):
            sent = self.sent()
        texts = {name: sent.get(name) for name in self.model.by_name}
        return {name: text if isinstance(text, str) and text.isprintable() else None for name, text in texts.items()}

    def _filters(self) -> dict[str, int]:
        """The filters that were sent, with their values; one that no id can have becomes an id that no row has."""
        arguments = current.request().args
        sent = {name: arguments[name] for name in self.filters if arguments.get(name)}
        return {
            name: int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
            for name, text in sent.items()
        }

    def _with_lines(self, rows: Sequence[Any], lines: Sequence[Any]) -> list[Any]:
        """The rows, each with its dumped line items behind it."""
        place, dumped = self.schema.columns.index("id"), self.schema.line_schema.dump_rows([line[1:] for line in lines])
        found: dict[int, list[dict[str, Any]]] = {}
        for line, record in zip(lines, dumped, strict=True):
            found.setdefault(line[0], []).append(record)
        return [(*row, found.get(row[place], [])) for row in rows]
