"""Take pictures of the real desktop with the plugin: the toolbox group open, and one tool's dialog.

The project of ``make demo`` is shown where there is one.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import desktop  # noqa: E402

OUT = ROOT / "screenshots"
DEMO = ROOT / "demo-output" / "west-yorkshire.qgz"


def main() -> int:
    """Start QGIS, take the pictures, say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", nargs="?", default="findhotspots", help="the tool whose dialog is shown")
    tool = parser.parse_args().tool
    project = str(DEMO) if DEMO.exists() else ""
    (OUT / "error.txt").unlink(missing_ok=True)
    script = Path(__file__).with_name("screenshot_session.py")
    status, log = desktop.run(script, OUT, 180, HOTSPOT_TOOL=tool, HOTSPOT_PROJECT=project)
    problem = OUT / "error.txt"
    if status or problem.exists():
        print(problem.read_text(encoding="utf-8") if problem.exists() else log[-3000:])
        print(f"No picture: QGIS ended with {status}")
        return 1
    for path in sorted(OUT.glob("*.png")):
        print(path.relative_to(ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
