"""Databases to measure on: made once for each size and schema, kept, and copied for each run."""

import contextlib
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bench import rows

TOP = Path(__file__).resolve().parent.parent
FOLDER = TOP / "bench" / "data"
EVERYBODY = "SET curdbee.role = 'command'"  # else row-level security of Postgres shows and takes nothing
SECRET_KEY = "bench-secret-key"  # so that nothing is written into an instance folder


def environment(url: str, instance: Path) -> dict[str, str]:
    """The environment of a process that runs the application on that database, and on no settings of yours."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CURDBEE_")}
    path = os.pathsep.join(filter(None, (str(TOP), os.environ.get("PYTHONPATH"))))
    return kept | settings(url, instance) | {"PYTHONPATH": path}


def settings(url: str, instance: Path) -> dict[str, str]:
    """The application's settings."""
    return {"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance), "CURDBEE_SECRET_KEY": SECRET_KEY}


def url(path: Path) -> str:
    """A SQLite file as the application names it."""
    return f"sqlite:///{path}"


def copy(size: str, to: Path, folder: Path = FOLDER) -> Path:
    """A database of that size of one's own, at `to`."""
    shutil.copyfile(kept(size, folder), to)
    return to


def kept(size: str, folder: Path = FOLDER) -> Path:
    """The file for that size: made unless it is there, and anew where the schema or the rows have changed since."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{size}-{_made_from()}.db"
    if path.exists():
        return path
    for old in folder.glob(f"{size}-*"):
        old.unlink()
    print(f"Making {rows.OTHERS_PAYMENTS[size]:,} payments; they are kept in {folder}", file=sys.stderr)
    unfinished = path.with_suffix(".unfinished")
    unfinished.unlink(missing_ok=True)
    make(url(unfinished), size, folder)
    unfinished.rename(path)
    return path


def make(database: str, size: str, instance: Path) -> None:
    """Migrate an empty database, SQLite or Postgres, as an operator does, and fill it."""
    command = [sys.executable, "-m", "curdbee_compat.cli", "db", "upgrade"]
    subprocess.run(command, env=environment(database, instance), check=True, capture_output=True)
    engine = sa.create_engine(database)
    with contextlib.closing(engine.raw_connection()) as connection:
        cursor: Any = connection.cursor()  # which takes rows one by one, whatever its type says
        if engine.dialect.name == "sqlite":
            cursor.execute("PRAGMA journal_mode=DELETE")  # one file is easier to copy; the application sets WAL
            cursor.execute("PRAGMA synchronous=OFF")
        else:
            cursor.execute(EVERYBODY)
        for table in rows.tables(size):
            cursor.executemany(table.insert("?" if engine.dialect.name == "sqlite" else "%s"), table.rows)
            if engine.dialect.name == "postgresql":
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
                )
        connection.commit()
    engine.dispose()


@contextlib.contextmanager
def on_postgres(server: str) -> Iterator[str]:
    """The URL of a new database on that server, which is dropped afterwards."""
    url = sa.make_url(server).set(drivername="postgresql+psycopg")
    name = f"curdbee_bench_{os.getpid()}"
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def connect(path: Path) -> sqlite3.Connection:
    """For changes by somebody else between two requests; they need not survive a power cut."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA busy_timeout=5000")
    return connection


def _made_from() -> str:
    """A short digest of the migrations and of what fills the tables."""
    scripts = sorted((TOP / "curdbee_compat" / "migrations").rglob("*.py"))
    digest = hashlib.blake2b(digest_size=6)
    for path in (*scripts, Path(rows.__file__), Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()
