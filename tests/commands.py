"""The curdbee-compat command under test: in this process, or as a real one where exit status and streams matter."""

import contextlib
import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import secrecy
from click.testing import CliRunner, Result

from curdbee_compat.cli import main


class Commands:
    """Runs commands on one database. `stdin` is what they read, `status` what they must end with."""

    def __init__(self, url: str, instance: Path, **settings: str) -> None:
        self.settings = {"CURDBEE_DATABASE_URL": url, "CURDBEE_INSTANCE": str(instance)} | settings

    def __call__(self, *words: str, stdin: str | bytes = "", status: int = 0) -> Result:
        """In this process. A traceback is a failure here, whatever the status."""
        others = {name: None for name in os.environ if name.startswith("CURDBEE_")}
        result = CliRunner(env=others | self.settings).invoke(main, words, input=stdin, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result

    def refused(self, *words: str, stdin: str | bytes = "") -> str:
        """In this process; status 1, and this one line on standard error."""
        result = self(*words, stdin=stdin, status=1)
        assert result.stdout == ""
        return one_line(result.stderr)

    def process(self, *words: str, status: int = 0) -> subprocess.CompletedProcess[str]:
        """As a process of its own."""
        result = subprocess.run(
            [sys.executable, "-m", "curdbee_compat.cli", *words],
            env=self.environ(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert result.returncode == status, result.stdout + result.stderr
        secrecy.check((result.stdout + result.stderr).encode(), " ".join(words))
        return result

    def bars(self, *words: str) -> list[str]:
        """As a process of its own on a terminal; the labels of the bars that it shows there until they are full."""
        reader, terminal = pty.openpty()
        command = [sys.executable, "-m", "curdbee_compat.cli", *words]
        with subprocess.Popen(command, env=self.environ(), stderr=terminal, stdout=subprocess.DEVNULL) as process:
            os.close(terminal)
            shown = b""
            with contextlib.suppress(OSError), open(reader, "rb", buffering=0) as stream:  # EIO: nobody has it open
                while part := stream.read(4096):
                    shown += part
        assert process.returncode == 0, shown
        return re.findall(r"([A-Z]\w+)  \[#+\]  100%", shown.decode())

    def environ(self) -> dict[str, str]:
        """The variables of such a process."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CURDBEE_")}
        return kept | self.settings


def one_line(stderr: str) -> str:
    """The one line of an error, without the word before it."""
    assert stderr.startswith("Error: "), stderr
    assert stderr.endswith("\n"), stderr
    assert stderr.count("\n") == 1, stderr
    return stderr.removeprefix("Error: ").removesuffix("\n")
