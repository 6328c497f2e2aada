"""HTTP servers as command lines: what each takes to serve a WSGI application on a port with some workers."""

import importlib.util
import os
import shutil
import sys
from pathlib import Path

from bench.data import TOP

SERVED = "gthread, patient"  # what `curdbee-compat serve` is
GUNICORN = "{python} -m gunicorn --workers {workers} --bind 127.0.0.1:{port} --log-level error --no-control-socket"
GRANIAN = "{python} -m granian --interface wsgi --host 127.0.0.1 --port {port} --workers {workers} --no-ws --no-log"
UWSGI = (
    "uwsgi --master --processes {workers} --module {app} --virtualenv {prefix} --pythonpath {top}"
    " --need-app --die-on-term --disable-logging --enable-threads --buffer-size 32768"
)
COMMANDS = {
    SERVED: f"{GUNICORN} --worker-class curdbee_compat.patience.PatientWorker --threads 4 --keep-alive 5 {{app}}",
    "gunicorn gthread": f"{GUNICORN} --worker-class gthread --threads 4 --keep-alive 5 {{app}}",
    "gunicorn sync": f"{GUNICORN} --worker-class sync {{app}}",
    "granian, 1 thread": f"{GRANIAN} --blocking-threads 1 {{app}}",
    "granian, 2 threads": f"{GRANIAN} --blocking-threads 2 {{app}}",
    "uWSGI, closing": f"{UWSGI} --http-socket 127.0.0.1:{{port}}",
    "uWSGI, keep-alive": f"{UWSGI} --http11-socket 127.0.0.1:{{port}}",
}
MODULES = {"application": "wsgi:app", "limit": "bench.limit_served:app"}


def command(server: str, who: str, port: int, workers: int) -> list[str]:
    """The words that start it."""
    values = {"python": sys.executable, "prefix": sys.prefix, "top": TOP, "app": MODULES[who]}
    words = [word.format(port=port, workers=workers, **values) for word in COMMANDS[server].split()]
    return [_program(words[0]) or words[0], *words[1:]]


def is_installed(server: str) -> bool:
    """Whether it can be started here."""
    words = COMMANDS[server].split()
    if words[1] == "-m":
        return importlib.util.find_spec(words[2]) is not None
    return _program(words[0]) is not None


def _program(name: str) -> str | None:
    """Beside this Python first, where pip puts programs."""
    return shutil.which(name, path=os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]))
