"""What is installed: every pin has hashes, pip demands them, and each direct dependency was looked at."""

import configparser
import re
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parent.parent
NAME = re.compile(r"[A-Za-z0-9._-]+")
PIN = re.compile(
    r"([a-z0-9._-]+)(?:\[[a-z0-9,_-]+\])?==[^ ;\\]+(?: ; [^\\]+)? \\((?:\n    --hash=sha256:[0-9a-f]{64}(?: \\)?)+)"
)


def direct() -> set[str]:
    """The packages that setup.cfg names."""
    settings = configparser.ConfigParser()
    settings.read(TOP / "setup.cfg")
    lists = [settings["options"]["install_requires"], *settings["options.extras_require"].values()]
    return {NAME.match(line)[0] for text in lists for line in text.split("\n") if line.strip()}


@pytest.mark.parametrize("name", ["run.txt", "dev.txt"])
def test_every_pin_has_hashes(name: str) -> None:
    text = (TOP / "requirements" / name).read_text()
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#"))]
    pinned = [match[1] for match in PIN.finditer(text)]
    assert len(lines) > 20
    assert [NAME.match(line)[0] for line in lines] == pinned


def test_pip_is_told_to_demand_them() -> None:
    installs = re.findall(r"install .*--requirement.*", (TOP / "Makefile").read_text())
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)


def test_every_direct_dependency_was_reviewed_once() -> None:
    rows = re.findall(r"^\| ([a-z0-9-]+) \| \d", (TOP / "docs" / "dependencies.md").read_text(), re.MULTILINE)
    assert sorted(rows) == sorted(direct())
