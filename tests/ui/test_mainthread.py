"""The desktop stays alive, measured in a process of its own: ``mainthread.py``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_nothing_of_ours_holds_the_main_thread():
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-rP", "-p", "no:cacheprovider", "tests/ui/mainthread.py"], cwd=ROOT,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=900)
    print("\n".join(line for line in done.stdout.splitlines() if line.startswith(("longest", "QGIS alone"))))
    assert done.returncode == 0, done.stdout[-6000:]
    assert "7 passed" in done.stdout
