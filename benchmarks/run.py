"""Run every ``bench_*.py`` beside this file and print one table of ours against the peers.

    make bench                      all
    make bench ARGS="gistar"        those whose name holds the word
    make bench ARGS="calibration"   how often estimates and claims are wrong, 500 runs a line: an hour and more
    make bench ARGS="calibration_diffindiff"

A benchmark prints lines ``name | ours | peer | ratio`` or, with the ratio that it must
reach, ``name | ours | peer | ratio | required``; everything else it prints is shown as it
is. Absolute times drift with the machine, so only ratios measured in one run are judged.
The exit status is 1 where a benchmark fails or misses its ratio.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def rows_of(output: str) -> list[list[str]]:
    """Return the table lines of a benchmark's output."""
    rows = []
    for line in output.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) in (4, 5) and _number(cells[3]) is not None:
            rows.append(cells + [""] * (5 - len(cells)))
    return rows


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def missed(row: list[str]) -> bool:
    """Whether a row stays under the ratio that it must reach."""
    ratio, required = _number(row[3]), _number(row[4])
    return ratio is not None and required is not None and ratio < required


def run(path: Path) -> tuple[int, list[list[str]]]:
    """Run one benchmark, show what it says, and return its status and table lines."""
    print(f"== {path.stem}", flush=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])}
    done = subprocess.run([sys.executable, str(path)], stdout=subprocess.PIPE, text=True, env=environment)
    print(done.stdout, end="", flush=True)
    return done.returncode, rows_of(done.stdout)


def table(rows: list[list[str]]) -> str:
    """Return the rows as a table in plain text (Markdown)."""
    head = ["benchmark", "ours, s", "peer, s", "ratio", "required"]
    lines = [head, ["---", "--:", "--:", "--:", "--:"], *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def chosen(words: list[str]) -> list[Path]:
    """Return the benchmarks whose name holds one of the words, or all; calibrations are asked for by that name."""
    rates = [word for word in words if word.startswith("calibration")]
    return [p for p in sorted(HERE.glob("bench_*.py")) if not words or any(word in p.stem for word in words)] + [
        p for p in sorted(HERE.glob("calibration_*.py")) if any(word in p.stem for word in rates)]


def main(words: list[str]) -> int:
    """Run the benchmarks whose name holds one of the words, or all."""
    paths = chosen(words)
    if not paths:
        print(f"no benchmark is named like {' '.join(words)}", file=sys.stderr)
        return 2
    rows: list[list[str]] = []
    failed = []
    for path in paths:
        status, found = run(path)
        rows += found
        if status:
            failed.append(path.stem)
    results = HERE / "results"
    results.mkdir(exist_ok=True)
    (results / "table.md").write_text(table(rows) + "\n", encoding="utf-8")
    print("\n" + table(rows))
    short = [row[0] for row in rows if missed(row)]
    for name in failed:
        print(f"FAILED: {name}", file=sys.stderr)
    for name in short:
        print(f"SLOWER THAN REQUIRED: {name}", file=sys.stderr)
    return 1 if failed or short else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
