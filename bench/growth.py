"""Whether a request costs more because there are more payments of others."""

import contextlib
from argparse import Namespace

from bench import inprocess, report, targets
from bench.comparison import working
from bench.figures import Spread
from bench.scenarios import SCENARIOS

SMALL, MOST = "small", 1.1


def run(options: Namespace) -> None:
    """Every scenario with few payments of others beside the same with many, in process."""
    large = options.size
    with working(options.folder) as work, contextlib.ExitStack() as stack:
        made = [targets.application(size, work, options.folder, size) for size in (SMALL, large)]
        both = [stack.enter_context(target) for target in made]
        measured = inprocess.measure(SCENARIOS, both, options.rounds)
    table, found = [["scenario", f"{SMALL} us", f"{large} us", "ratio", "kept"]], []
    for name, each in measured.items():
        few, many = Spread.of(each[SMALL]), Spread.of(each[large])
        ratio = many.tenth / few.tenth
        table.append(
            [name, f"{few.tenth:,.0f}", f"{many.tenth:,.0f}", f"{ratio:.2f}", "yes" if ratio <= MOST else "NO"]
        )
        found.append({"scenario": name, SMALL: vars(few), large: vars(many), "ratio": ratio, "kept": ratio <= MOST})
    what = f"CPU microseconds a request, best tenth of {options.rounds} rounds"
    report.show(f"In process, {SMALL} and {large} data: {what}; at most {MOST} times as much is good", table)
    report.write(options.folder / "growth.json", {"sizes": [SMALL, large], "growth": found})
