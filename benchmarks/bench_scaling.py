"""Whether time and memory grow no faster than the data, from ten thousand incidents to a million.

``python benchmarks/bench_scaling.py [tool …]``. Each tool runs in a process of its own on the
same made-up city with 10,000, 100,000 and 1,000,000 incidents. Prints ``name | at a million |
100 times that at ten thousand | ratio | required``: a ratio of 1 or more means that seconds grow
no faster than the data. The MB of memory above what QGIS with our imports holds stand beside a
limit.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench_cancel import run, settings
from bench_reading import make_incidents

#: MB that a tool may need for a million incidents
LIMIT = 1024
SIZES = (10_000, 100_000, 1_000_000)
TOOLS = ("kerneldensity", "countincidents", "findhotspots", "checkincidents")


def peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def one(tool: str, incidents: str, few: str, folder: str) -> None:
    """Run a tool twice; print the memory of the first run and the time of the second."""
    import matplotlib.figure  # noqa: F401
    import pandas  # noqa: F401
    import scipy.fft
    import scipy.sparse
    import scipy.spatial  # noqa: F401
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    from hotspot_plugin.provider import HotspotProvider

    provider = HotspotProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    steps = dict(settings(Path(folder), incidents))
    if tool == "countincidents":
        run("analysisgrid", {**steps["analysisgrid"], "INPUT": few})
    before = peak()
    if not run(tool, steps[tool])[2]:
        raise SystemExit(f"{tool} failed")
    memory = max(peak() - before, 1.0)
    print(json.dumps({"s": run(tool, steps[tool])[0], "MB": memory}))
    application.exitQgis()


def main(tools: list) -> None:
    with tempfile.TemporaryDirectory() as folder:
        paths = {size: Path(folder) / f"incidents_{size}.gpkg" for size in (1000, *SIZES)}
        for size, path in paths.items():
            make_incidents(path, size)
        for tool in tools:
            found = {}
            for size in SIZES:
                command = [sys.executable, __file__, "--one", tool, str(paths[size]), str(paths[1000]), folder]
                done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
                if done.returncode:
                    raise SystemExit(f"{tool} with {size:,} incidents ended with status {done.returncode}")
                found[size] = json.loads(done.stdout.splitlines()[-1])
                print(f"{tool}, {size:,} incidents: {found[size]['s']:.2f} s, {found[size]['MB']:.0f} MB", flush=True)
            many, few = found[SIZES[-1]]["s"], 100 * found[SIZES[0]]["s"]
            print(f"{tool}, s from 10^4 to 10^6 | {many:.2f} | {few:.2f} | {few / many:.1f} | 1", flush=True)
            # fewer incidents fit into what the imports left free: memory is held to a limit instead
            held = found[SIZES[-1]]["MB"]
            print(f"{tool}, MB at 10^6 | {held:.0f} | {LIMIT} | {LIMIT / held:.1f} | 1", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        one(*sys.argv[2:])
    else:
        main(sys.argv[1:] or list(TOOLS))
