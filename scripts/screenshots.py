"""Take pictures of the real desktop with the plugin.

The toolbox and a tool's dialog go into ``screenshots/``, as do all states of the dock, wide and at 320 pixels, dark,
mirrored and with large letters; with ``--gallery`` a choice of them goes into ``docs/images/dock/``, with the page
``docs/dock-gallery.md``. The project of ``make demo`` is shown where there is one.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import desktop  # noqa: E402
from scripts.dock_gallery import LOOKS, write  # noqa: E402

OUT = ROOT / "screenshots"
DEMO = ROOT / "demo-output" / "west-yorkshire.qgz"
DATA = ROOT.parent / "shared" / "data"


def toolbox(tool: str) -> int:
    """Picture the toolbox and the dialog of a tool; return the status."""
    project = str(DEMO) if DEMO.exists() else ""
    (OUT / "error.txt").unlink(missing_ok=True)
    script = Path(__file__).with_name("screenshot_session.py")
    status, log = desktop.run(script, OUT, 180, HOTSPOT_TOOL=tool, HOTSPOT_PROJECT=project)
    problem = OUT / "error.txt"
    if status or problem.exists():
        print(problem.read_text(encoding="utf-8") if problem.exists() else log[-3000:])
        print(f"No picture: QGIS ended with {status}")
        return 1
    return 0


def dock(look: str, parts: str) -> int:
    """Picture the states of the dock in one look; return the status."""
    folder = OUT / f"dock-{look or 'light'}"
    for left in folder.glob("*"):
        if left.is_file():
            left.unlink()
    status, log = desktop.run(ROOT / "tests" / "plugin" / "dock_session.py", folder, 240, HOTSPOT_LOOK=look,
                              HOTSPOT_DATA=str(DATA), **({"HOTSPOT_PARTS": parts} if parts else {}))
    result = folder / "session.json"
    told = json.loads(result.read_text(encoding="utf-8")) if result.exists() else {"error": log[-3000:], "failed": {}}
    for text in [told["error"], *told["failed"].values()]:
        if text:
            print(text)
    if status:
        print(f"QGIS ended with {status}")
    return int(bool(status or told["error"] or told["failed"]))


def main() -> int:
    """Start QGIS, take the pictures, say where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tool", nargs="?", default="findhotspots", help="the tool whose dialog is shown")
    parser.add_argument("--gallery", action="store_true", help="renew the pictures of the documentation")
    asked = parser.parse_args()
    status = toolbox(asked.tool)
    for look, parts in LOOKS.items():
        status |= dock(look, parts)
    for path in sorted(OUT.rglob("*.png")):
        print(path.relative_to(ROOT))
    if asked.gallery and not status:
        write(OUT, ROOT / "docs")
    return status


if __name__ == "__main__":
    sys.exit(main())
