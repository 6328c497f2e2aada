"""`python -m bench`: what can be measured, and by which options."""

import os
import signal
import sys
from argparse import ArgumentDefaultsHelpFormatter, ArgumentParser
from collections.abc import Sequence
from pathlib import Path

import bench
from bench import (
    comparison,
    data,
    growth,
    guessers,
    inprocess,
    memory,
    overhttp,
    rows,
    slow,
    soundness,
    stages,
    writes,
    wrk,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run what the command line says. Ends with SystemExit where that cannot be done."""
    options = parser().parse_args(arguments)
    try:
        options.run(options)
    except (soundness.Unsound, wrk.Missing) as error:
        sys.exit(f"bench: {error}")


def parser() -> ArgumentParser:
    """The command line."""
    found = ArgumentParser("python -m bench", description=bench.__doc__)
    commands = found.add_subparsers(required=True, metavar="COMMAND")
    for name, run, size in (
        ("run", comparison.run, "medium"),
        ("servers", comparison.compare_servers, "medium"),
        ("stages", stages.run, "medium"),
        ("growth", growth.run, "large"),
        ("writes", writes.run, "small"),
        ("guessers", guessers.run, "medium"),
        ("slow", slow.run, "small"),
        ("memory", memory.run, "medium"),
    ):
        command = commands.add_parser(name, help=run.__doc__, formatter_class=ArgumentDefaultsHelpFormatter)
        command.add_argument("--folder", type=Path, default=data.FOLDER, help="where data and results are kept")
        command.add_argument("--size", choices=rows.OTHERS_PAYMENTS, default=size, help="how many payments there are")
        command.set_defaults(run=run)
        OPTIONS[name](command)
    return found


def _of_run(command: ArgumentParser) -> None:
    command.add_argument("--only", choices=("inprocess", "http"), help="leave the other way out")
    _of_growth(command)
    _of_servers(command)


def _of_servers(command: ArgumentParser) -> None:
    command.add_argument("--http-rounds", type=int, default=overhttp.ROUNDS, help="rounds over HTTP")
    command.add_argument("--seconds", type=int, default=overhttp.SECONDS, help="how long each lasts")


def _of_stages(command: ArgumentParser) -> None:
    command.add_argument("--requests", type=int, default=200, help="how many of each")


def _of_growth(command: ArgumentParser) -> None:
    command.add_argument("--rounds", type=int, default=inprocess.ROUNDS, help="rounds in process")


def _of_writes(command: ArgumentParser) -> None:
    command.add_argument("--seconds", type=float, default=writes.SECONDS, help="how long it is written")
    command.add_argument("--postgres", default=os.environ.get(writes.LENT), help="URL of a role that makes databases")


def _of_guessers(command: ArgumentParser) -> None:
    command.add_argument("--seconds", type=float, default=guessers.SECONDS, help="how long each phase is")


def _of_slow(command: ArgumentParser) -> None:
    command.add_argument("--seconds", type=float, default=slow.SECONDS, help="how long beside each crowd")


def _of_memory(command: ArgumentParser) -> None:
    command.add_argument("--requests", type=int, default=memory.REQUESTS, help="how many requests, twice")


OPTIONS = {
    "run": _of_run,
    "servers": _of_servers,
    "stages": _of_stages,
    "growth": _of_growth,
    "writes": _of_writes,
    "guessers": _of_guessers,
    "slow": _of_slow,
    "memory": _of_memory,
}

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped then, too
    main()
