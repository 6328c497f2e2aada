"""The selects that a resource is read with; and the one place where rows are scoped to their owner."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, bindparam, select, true

from curdbee_compat.models.user import User
from curdbee_compat.prepared import Prepared
from curdbee_compat.schemas.base import Schema
from curdbee_compat.storing import columns


@dataclass(frozen=True, eq=False)
class Selects:
    """All leave ids to be bound: `user_id`, those in the URL, and `id`. `owner` is the model whose id the URL carries;
    `filters` maps query arguments to columns."""

    model: Any
    schema: Schema
    owner: Any = None
    filters: Mapping[str, str] = field(default_factory=dict)

    def rows(self, *what: Any, keys: Collection[str] = ()) -> Select[Any]:
        """Select `what` from the rows that the user may touch here: every read and every write starts with this.

        `keys` are the names of the ids in the URL; they and `user_id` are values to be bound, see `values`."""
        if not self.owner:
            return select(*what).where(self.mine(self.model))
        return select(*what).select_from(self.owner).join(self.model, self._belongs).where(*self.owned(keys))

    def mine(self, model: Any) -> ColumnElement[bool]:
        """Which rows of a table the user may touch: his own."""
        return model.user_id == bindparam("user_id")

    @cached_property
    def columns(self) -> list[Any]:
        """What is selected to show a record. `with_names` joins where the names of other records are."""
        named = {name: model.name for name, model in self.model.by_name.items()}
        return [(named.get(name) or getattr(self.model, name)).label(name) for name in self.schema.columns]

    def with_names(self, query: Select[Any]) -> Select[Any]:
        """The query with the records joined whose names are shown."""
        for name in self.model.by_name.keys() & set(self.schema.columns):
            named = self.model.by_name[name]
            query = query.outerjoin(named, named.id == getattr(self.model, f"{name}_id"))
        return query

    def one(self, *keys: str) -> Select[Any]:
        """The columns of one record."""
        return self.with_names(self.rows(*self.columns, keys=keys)).where(self.model.id == bindparam("id"))

    def listed(self, paged: bool, *filters: str) -> Select[Any]:
        """The rows of a list. Below an owner it is joined from the owner's side, so that one statement tells an owner
        without records from one who is not there."""
        if not self.owner:
            return self.with_names(self.page_of(self.columns, paged, *filters))
        belongs = self._belongs
        if paged:
            belongs = and_(belongs, self.model.id.in_(self.page_of([self.model.id], paged)))
        joined = self.with_names(select(*self.columns).select_from(self.owner).outerjoin(self.model, belongs))
        return joined.where(*self.owned([self.key])).order_by(self.model.id)

    def page_of(self, columns: Sequence[Any], paged: bool, *filters: str) -> Select[Any]:
        """`size` rows from the `offset`-th on, or all; each filter is an equality."""
        wanted = [getattr(self.model, self.filters[name]) == bindparam(name) for name in filters]
        keys = [self.key] if self.owner else []
        query = self.rows(*columns, keys=keys).where(*wanted).order_by(self.model.id)
        return query.limit(bindparam("size")).offset(bindparam("offset")) if paged else query

    def whole(self, *keys: str) -> Select[Any]:
        """One record to write to, with its owner."""
        what = (self.model, self.owner) if self.owner else (self.model,)
        return self.rows(*what, keys=keys).where(self.model.id == bindparam("id"))

    @cached_property
    def lockable(self) -> list[Any]:
        """The models of what `locked` gives all columns of."""
        return [self.owner, User, *self.model.by_name.values()]

    def locked(self, *keys: str) -> Prepared:
        """The owner and its user, behind the lock on the user's row, with the records that were named: one statement.
        The owner is locked second, so that Postgres reads it as it is once the first lock is had, not as it was when
        waiting."""
        query = select(*(column for model in self.lockable for column in columns(model)))
        query = query.join_from(self.owner, User, User.id == self.owner.user_id).where(*self.owned(keys))
        for name, model in self.model.by_name.items():
            query = query.outerjoin(model, model.name == bindparam(name))
        return Prepared(query.with_for_update(of=[User, self.owner], key_share=True), dates=True)

    @property
    def key(self) -> str:
        """The foreign key to the owner, which is also the variable in the URL."""
        return foreign_key(self.owner)

    @property
    def _belongs(self) -> ColumnElement[bool]:
        return and_(self.model.user_id == self.owner.user_id, getattr(self.model, self.key) == self.owner.id)

    def owned(self, keys: Collection[str]) -> list[ColumnElement[bool]]:
        """Which owners the user may look below: the one that the URL names, if it names one."""
        named = self.owner.id == bindparam(self.key) if self.key in keys else true()
        return [self.mine(self.owner), named]

    def lines_of_one(self) -> Select[Any]:
        """The line items of one statement."""
        return self._lines().where(self._statement_id == bindparam("id"))

    def lines_listed(self, paged: bool, *filters: str) -> Select[Any]:
        """The line items of all statements of a list."""
        return self._lines().where(self._statement_id.in_(self.page_of([self.model.id], paged, *filters)))

    def _lines(self) -> Select[Any]:
        """The user's line items, each behind the id of its statement."""
        model = self.model.line_model
        columns = [getattr(model, name) for name in self.schema.line_schema.columns]
        return select(self._statement_id, *columns).where(self.mine(model)).order_by(*model.in_order())

    @property
    def _statement_id(self) -> Any:
        return getattr(self.model.line_model, foreign_key(self.model))


def foreign_key(model: Any) -> str:
    """What other tables call the id of this one: invoice_id."""
    return f"{model.__tablename__.removesuffix('s')}_id"
