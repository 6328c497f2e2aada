"""The secrets that this test process uses, and the check that none of them is printed by a server or a command.

Whatever makes or sends one tells it here: users' tokens and passwords, Authorization headers, settings of servers."""

import base64
import os
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, quote_plus

LONG_ENOUGH = 8  # a shorter one, such as the password of the user `demo`, stands in a log for other reasons
used: set[bytes] = set()


def note(secret: str) -> str:
    """Remember a secret; the secret."""
    if len(secret) >= LONG_ENOUGH:
        used.update(forms(secret))
    return secret


def forms(secret: str) -> set[bytes]:
    """Every form that a log could show it in."""
    raw = secret.encode("utf-8", "surrogatepass")
    quoted = {quote(raw, safe="").encode(), quote_plus(raw).encode(), repr(secret)[1:-1].encode()}
    return {raw, base64.b64encode(raw), *quoted}


def found(output: bytes) -> list[bytes]:
    """Those that stand in it."""
    return [secret for secret in used if secret in output]


def check(output: bytes, where: str) -> None:
    """AssertionError with the line that shows one."""
    for secret in found(output):
        [line, *_] = [line for line in output.splitlines() if secret in line] or [secret]
        raise AssertionError(f"{where} printed a secret: {line.decode(errors='replace')}")


def command_lines(session: int) -> bytes:
    """What any user of this machine sees of the processes of a session."""
    seen = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # some end meanwhile
            if os.getsid(int(folder.name)) == session:
                seen.append((folder / "cmdline").read_bytes())
    return b"\n".join(seen)
