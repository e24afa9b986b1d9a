"""How long a practice town takes, and what the tools find in it.

``python benchmarks/bench_practicecity.py``. Writes the page docs/practice-recovery.md anew, then makes a big city and
the metropolis with two million incidents, with the dirty export, and prints seconds; the metropolis must take less than
180 s and 4 GiB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIMIT, MEMORY = 180.0, 4.0


def main() -> int:
    sys.path.insert(0, str(HERE))
    import recovery_practicecity as recovery

    page = HERE.parent / "docs" / "practice-recovery.md"
    done = subprocess.run([sys.executable, str(HERE / "recovery_practicecity.py")], stdout=subprocess.PIPE, text=True,
                          check=True)
    page.write_text(done.stdout, encoding="utf-8")
    print(done.stdout)
    application = recovery.start()
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for size, name in ((3, "big city, 150,000"), (4, "metropolis, 2 million")):
            begin = time.perf_counter()
            recovery.tool("practicecity", SIZE=size, YEARS=1, SEED=1, DIRTY=True, LOAD=False,
                          OUTPUT=str(Path(folder) / f"{size}.gpkg"))
            seconds = time.perf_counter() - begin
            print(f"practice town, {name} | {seconds:.1f} | | ")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{memory:.2f} GiB at most")
    application.exitQgis()
    return int(seconds > LIMIT or memory > MEMORY)


if __name__ == "__main__":
    sys.exit(main())
