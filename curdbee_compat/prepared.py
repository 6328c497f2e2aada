"""Statements compiled once and run on the driver's own cursor: how records are read, and payments created.

SQLAlchemy builds them and knows both dialects. Through its session, the two small statements of a read would take
longer than all the rest of the request."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Date, DateTime, Dialect, Select

from curdbee_compat import current
from curdbee_compat.extensions import as_sqlalchemys, connected, db, has_died, sqlalchemys_errors

T = TypeVar("T")


class Compiled(NamedTuple):
    """A statement for one dialect: `names` of its values in the order of their marks, or None where marks are named;
    `binders` by the names of values that the driver takes in another form, `readers` by the places of columns whose
    values it gives in another form."""

    sql: str
    names: tuple[str, ...] | None
    constants: dict[str, Any]
    binders: dict[str, Any]
    readers: dict[int, Any]


class Prepared:
    """A statement whose values are `bindparam`s, or, of an insert or update, those of the columns named `keys`.

    `dates`: dates and times come as such. Else they are as the driver gives them: text on SQLite."""

    def __init__(self, statement: Any, keys: Sequence[str] | None = None, dates: bool = False) -> None:
        self._statement, self._keys, self._dates = statement, keys, dates
        self._compiled: dict[str, Compiled] = {}

    def all(self, values: Mapping[str, Any]) -> list[Any]:
        """The rows as tuples. DBAPIError as SQLAlchemy's.

        The first statement of a request is sent again, once, where a connection of the pool turns out to be dead."""
        here, engine = current.g(), db.engine
        dialect = engine.dialect
        compiled = self._compiled.get(dialect.name) or self._compile(dialect)
        sent = {**compiled.constants, **values} if compiled.constants else values
        if compiled.binders:
            sent = {**sent, **{name: bind(sent[name]) for name, bind in compiled.binders.items()}}
        parameters = sent if compiled.names is None else [sent[name] for name in compiled.names]
        first = "connection" not in here
        try:
            rows = fetched(compiled.sql, parameters)
        except dialect.loaded_dbapi.Error as error:
            if not (has_died(error, dialect) and first):
                raise as_sqlalchemys(error, compiled.sql, dialect) from error
            engine.dispose()  # the others died with it
            with sqlalchemys_errors(compiled.sql):
                rows = fetched(compiled.sql, parameters)
        return converted(rows, compiled.readers) if compiled.readers else rows

    def _compile(self, dialect: Dialect) -> Compiled:
        compiled = self._statement.compile(dialect=dialect, column_keys=self._keys)
        types = [column.type for column in self._statement.exported_columns]
        readers = [kind.dialect_impl(dialect).result_processor(dialect, None) for kind in types]
        binders = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect) for name, bind in compiled.binds.items()
        }
        self._compiled[dialect.name] = made = Compiled(
            str(compiled),
            tuple(compiled.positiontup or ()) if compiled.positional else None,
            {name: value for name, value in compiled.params.items() if value is not None},
            {name: binder for name, binder in binders.items() if binder},
            {
                place: read
                for place, (kind, read) in enumerate(zip(types, readers, strict=True))
                if read and (self._dates or not isinstance(kind, Date | DateTime))
            },
        )
        return made


@cache
def once(build: Callable[..., T], *shape: Any) -> T:
    """What `build` makes of `shape`, made once a process."""
    return build(*shape)


@cache
def prepared(build: Callable[..., Select[Any]], *shape: Any) -> Prepared:
    """The select that `build` makes of `shape`, for reading."""
    return Prepared(build(*shape))


def fetched(sql: str, parameters: Any) -> list[Any]:
    """All rows of a statement, on the request's connection."""
    cursor = connected().cursor()
    try:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall()) if cursor.description else []
    finally:  # also after an error, see sqlite.py
        cursor.close()


def converted(rows: list[Any], converters: Mapping[int, Any]) -> list[Any]:
    """The rows with the values in these places converted."""
    lists = [list(row) for row in rows]
    for row in lists:
        for place, convert in converters.items():
            row[place] = convert(row[place])
    return lists
