"""`python -m faults`: every scenario on every database, again and again until the time is up."""

import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from random import Random

from faults.figures import Figures, as_json, table
from faults.rounds import play
from faults.scenarios import SCENARIOS
from faults.stages import OnPostgres, OnSqlite


def main() -> None:
    """Run for so many minutes, then print what was seen. Ends with status 1 where anything was wrong."""
    parser = ArgumentParser("python -m faults", description=__doc__)
    parser.add_argument("--minutes", type=float, default=5, help="how long; every scenario has at least one round")
    parser.add_argument("--seed", type=int, default=time.time_ns(), help="of the random moments")
    parser.add_argument("--json", type=Path, help="file to write the figures to")
    options = parser.parse_args()
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="curdbee-faults-") as folder:
        found = run(Path(folder), options.minutes * 60, Random(options.seed))
    print(table(found))
    if options.json:
        options.json.write_text(as_json(found))
    violations = [text for figures in found for text in figures.violations]
    sys.exit("\n".join(violations) or 0)


def run(folder: Path, seconds: float, chance: Random) -> list[Figures]:
    """The figures of each scenario on each database."""
    end = time.monotonic() + seconds
    places = [OnSqlite(folder), OnPostgres(folder)]
    plays = [
        (scenario, place, Figures(scenario.name, place.kind))
        for scenario in SCENARIOS
        for place in places
        if isinstance(place, scenario.places)
    ]
    try:
        while not plays[-1][2].rounds or time.monotonic() < end:
            for scenario, place, figures in plays:
                play([scenario] * scenario.times, place, folder, figures, chance)
    finally:
        for place in places:
            place.close()
    return [figures for _, _, figures in plays]


if __name__ == "__main__":
    main()
