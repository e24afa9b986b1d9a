"""Build the ZIP that QGIS's plugin manager installs.

Only files that git tracks go in; the changelog of the metadata is filled from CHANGELOG.md. Two runs of the same
commit give the same bytes.
"""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PLUGIN = "hotspot_plugin"
#: how many versions of the changelog QGIS shows
VERSIONS_SHOWN = 5


def metadata_value(text: str, key: str) -> str:
    """Return a value of ``metadata.txt``, or an empty text."""
    found = re.search(rf"^{key}=(.*)$", text, re.MULTILINE)
    return found.group(1).strip() if found else ""


def changelog(text: str, versions: int = VERSIONS_SHOWN) -> str:
    """Turn the newest entries of a Keep-a-Changelog text into the plain lines that QGIS shows.

    Versions without an entry are left out.
    """
    shown = []
    for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = section.partition("\n")
        lines = [line.rstrip() for line in body.splitlines() if line.strip() and not line.startswith("[")]
        lines = [re.sub(r"^### (.*)$", r"\1:", line) for line in lines]
        if lines:
            shown.append("\n".join([heading.replace("[", "").replace("]", "").strip(), *lines]))
    return "\n".join(shown[:versions])


def tracked_files(root: Path = ROOT) -> list[str]:
    """Return the plugin's files that git tracks, sorted."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", PLUGIN], check=True, capture_output=True, text=True
    ).stdout
    return sorted(name for name in listed.split("\0") if name and (root / name).is_file())


def build(folder: Path = ROOT / "dist", root: Path = ROOT) -> Path:
    """Write the ZIP and return its path."""
    metadata = (root / PLUGIN / "metadata.txt").read_text(encoding="utf-8")
    entries = changelog((root / "CHANGELOG.md").read_text(encoding="utf-8"))
    # In a configuration file a percent sign starts an interpolation, and a line in the first column a new value.
    value = entries.replace("%", "%%").replace("\n", "\n ")
    filled = re.sub(r"^changelog=.*$", lambda _: f"changelog={value}", metadata, flags=re.MULTILINE)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{PLUGIN}-{metadata_value(metadata, 'version')}.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in tracked_files(root):
            info = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o100644 << 16
            content = filled.encode() if name == f"{PLUGIN}/metadata.txt" else (root / name).read_bytes()
            archive.writestr(info, content)
    return path


def main() -> int:
    """Build and say where."""
    untracked = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "--others", "--exclude-standard", PLUGIN],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    for name in untracked:
        print(f"Not packed, as git does not track it: {name}")
    path = build()
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1024:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
