"""The file that a backup leaves: whole or not at all, for its owner's eyes, and of one moment while others write."""

import os
import resource
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from backends import ON_SQLITE, Backend
from backups import Place, header, kept
from commands import Commands, one_line
from databases import Database
from inprocess import Http
from served import Server
from shops import Shop
from tables import by_row

NAMES = {"lines": "books.jsonl", "compressed": "books.jsonl.gz", "a copy": "books.db"}
OTHERS = {name: file for name, file in NAMES.items() if name != "a copy"}


@by_row("name", OTHERS)
def test_a_backup_is_for_its_owner_and_is_not_replaced_unasked(
    ledger: Http, run: Commands, tmp_path: Path, name: str
) -> None:
    file = tmp_path / name
    said = run("backup", str(file))
    assert (oct(file.stat().st_mode & 0o777), said.stderr) == ("0o600", "")
    assert said.stdout.startswith(f"Backed up to {file}: ")
    before = file.read_bytes()
    assert run.refused("backup", str(file)) == f"{file} is there already; --force replaces it"
    assert file.read_bytes() == before
    file.write_bytes(b"")
    run("backup", str(file), "--force")
    assert file.stat().st_size > 1000
    assert os.listdir(tmp_path) == [name]


@ON_SQLITE
def test_a_copy_is_for_its_owner_too(ledger: Http, run: Commands, tmp_path: Path) -> None:
    run("backup", str(tmp_path / "books.db"))
    assert oct((tmp_path / "books.db").stat().st_mode & 0o777) == "0o600"
    assert os.listdir(tmp_path) == ["books.db"]


@pytest.mark.parametrize("backend", ["postgres"], indirect=True)
def test_postgres_has_no_copy_by_sqlite(run: Commands, tmp_path: Path) -> None:
    assert "choose a name that ends in .jsonl.gz" in run.refused("backup", str(tmp_path / "books.db"))
    assert os.listdir(tmp_path) == []


@ON_SQLITE
@by_row("name", NAMES)
def test_where_the_space_ends_no_file_is_left(ledger: Http, run: Commands, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_text("the backup of yesterday")

    def end_space() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, resource.RLIM_INFINITY))

    result = subprocess.run(
        [sys.executable, "-m", "curdbee_compat.cli", "backup", str(file), "--force"],
        env=run.environ(),
        preexec_fn=end_space,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert result.returncode == 1
    assert "cannot write" in one_line(result.stderr)
    assert os.listdir(tmp_path) == [name]
    assert file.read_text() == "the backup of yesterday"


@ON_SQLITE
def test_a_folder_that_is_missing_is_one_line(ledger: Http, run: Commands, tmp_path: Path) -> None:
    file = tmp_path / "missing" / "books.jsonl"
    assert run.refused("backup", str(file)) == f"cannot write {file}: No such file or directory"


@ON_SQLITE
@by_row(
    "name, label",
    {name: (file, "Copying" if name == "a copy" else "Writing") for name, file in NAMES.items()},
)
def test_on_a_terminal_it_shows_how_far_it_is(
    ledger: Http, run: Commands, target: Place, tmp_path: Path, name: str, label: str
) -> None:
    file = str(tmp_path / name)
    assert run.bars("backup", file) == [label]
    assert target.run.bars("restore", file) == ["Checking", "Loading"]


def test_a_backup_is_of_one_moment_while_others_write(
    running: Backend,
    server: Server,
    served_database: Database,
    backend: str,
    tmp_path: Path,
    instance: Path,
    empty: Callable,
) -> None:
    shops = [Shop(server, served_database) for _ in range(2)]
    run, files, stop = Commands(served_database.url, instance), [], threading.Event()

    def write(shop: Shop) -> int:
        made = 0
        while not stop.is_set():
            shop.pay("1.25")
            made += 1
        return made

    with ThreadPoolExecutor() as threads:
        written = [threads.submit(write, shop) for shop in shops]
        try:
            names = [f"{turn}.jsonl" for turn in range(6)] + ["copy.db"] * (backend == "sqlite")
            for name in names:
                files.append(tmp_path / name)
                run("backup", str(files[-1]))
        finally:
            stop.set()
    moments = [whole(file) for file in files if file.suffix != ".db"]
    assert moments == sorted(moments)
    assert moments[0] < moments[-1] <= sum(one.result() for one in written)
    if backend == "sqlite":
        there = empty("sqlite")
        there.run("restore", str(files[-1]))
        there.run("backup", str(tmp_path / "again.jsonl"))
        assert whole(tmp_path / "again.jsonl") >= moments[-1]


def whole(file: Path) -> int:
    """How many payments of 1.25 there are, in a backup in which everything fits."""
    figures, payments = header(file)["figures"], kept(file, "payments")
    assert {name: len(kept(file, name)) for name in figures["rows"]} == figures["rows"]
    received: Counter[int] = Counter()
    for payment in payments:
        received[payment["invoice_id"]] += payment["amount_cents"]
    assert figures["unsettled"] == {"invoices": 0}
    assert {row["id"]: row["paid_cents"] for row in kept(file, "invoices")} == {
        row["id"]: received[row["id"]] for row in kept(file, "invoices")
    }
    return sum(payment["amount_cents"] == 125 for payment in payments)
