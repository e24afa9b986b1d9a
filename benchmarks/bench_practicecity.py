"""How long a practice town takes, and what the tools find in it.

``python benchmarks/bench_practicecity.py``. Writes the page docs/practice-recovery.md anew, then makes a big city and
the metropolis with two million incidents, with the dirty export. An incident of the metropolis must not take longer
than one of the big city, and the metropolis less than 180 s of one processor and 4 GiB.
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
    spent = []
    with tempfile.TemporaryDirectory() as folder:
        for size, name in ((3, "big city"), (4, "metropolis")):
            # time of the processor: another's work on the machine is no fault of the tool
            begin, clock = time.process_time(), time.perf_counter()
            made = recovery.tool("practicecity", SIZE=size, YEARS=1, SEED=1, DIRTY=True, LOAD=False,
                                 OUTPUT=str(Path(folder) / f"{size}.gpkg"))
            spent.append((time.process_time() - begin, made["COUNT"]))
            print(f"{name}, {made['COUNT']:,} incidents: {spent[-1][0]:.1f} s of one processor,"
                  f" {time.perf_counter() - clock:.1f} s in all", flush=True)
    city, metropolis = (1e6 * seconds / count for seconds, count in spent)
    print(f"practice data, a million incidents: metropolis beside big city | {metropolis:.1f} | {city:.1f}"
          f" | {city / metropolis:.2f} | 1.00")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{memory:.2f} GiB at most")
    application.exitQgis()
    return int(spent[-1][0] > LIMIT or memory > MEMORY)


if __name__ == "__main__":
    sys.exit(main())
