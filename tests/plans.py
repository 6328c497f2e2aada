"""What a database would read to run a statement: which tables it would go through from end to end."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import sqlalchemy as sa
from counting import Query

# An automatic index is one that SQLite makes of the whole table, for this statement alone.
SCAN = re.compile(r"SCAN (?!(?:\d+ )?CONSTANT ROW)(\w+)|SEARCH (\w+) USING AUTOMATIC")
INDEXES = """
    SELECT i.relname, t.relname, a.attname FROM pg_index x
    JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    JOIN pg_attribute a ON a.attrelid = i.oid AND a.attnum = 1
"""


def scanned(connection: sa.Connection, queries: Iterable[Query]) -> dict[str, set[str]]:
    """By statement: the tables of which all rows would be read, or all entries of an index, which then only sorts."""
    present = {query.sql: query for query in queries}
    if connection.dialect.name == "sqlite":
        return {sql: set(_by_sqlite(connection, query)) for sql, query in present.items()}
    indexes = {name: (table, column) for name, table, column in connection.exec_driver_sql(INDEXES)}
    # Else small tables are read whole, whatever indexes they have.
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    plans = {sql: connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {sql}", present[sql].values) for sql in present}
    return {sql: set(_by_postgres(plan.scalar_one()[0]["Plan"], indexes)) for sql, plan in plans.items()}


def _by_sqlite(connection: sa.Connection, query: Query) -> Iterator[str]:
    values = tuple(query.values) if isinstance(query.values, list) else query.values
    for step in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query.sql}", values).scalars(3):
        if found := SCAN.match(step):
            yield found[1] or found[2]


def _by_postgres(node: Mapping[str, Any], indexes: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """`indexes`: by name, the table and the first column, without which nothing is found."""
    if node["Node Type"] == "Seq Scan":
        yield node["Relation Name"]
    if "Index Name" in node:
        table, column = indexes[node["Index Name"]]
        if not re.search(rf"\({column}\b", node.get("Index Cond", "")):
            yield table
    for part in node.get("Plans", ()):
        yield from _by_postgres(part, indexes)
