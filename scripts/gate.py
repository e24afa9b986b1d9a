"""Hold the built ZIP to the checks of QGIS's plugin site, and to a few of our own.

Any finding blocks, also those that the site lets an author tick off. The site's own lists stand in its repository
(qgis/QGIS-Plugins-Website: validator.py, security_scanner.py, bandit_rules.json, secrets_rules.json).
"""

from __future__ import annotations

import configparser
import io
import json
import re
import stat
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.qt6 import findings  # noqa: E402

PLUGIN = "hotspot_plugin"
LARGEST = 25 * 1024 * 1024
REQUIRED = (
    "name description version qgisMinimumVersion author email about tracker repository homepage hasProcessingProvider "
    "qgisMaximumVersion tags icon changelog"
).split()
#: Tests of bandit that the site runs, whatever the severity; those that today's bandit no longer has are passed over.
BANDIT = (
    "B101 B102 B103 B104 B105 B106 B107 B108 B110 B111 B112 B113 B201 B202 B301 B302 B303 B304 B305 B306 B307 B308 "
    "B310 B311 B312 B313 B314 B315 B316 B317 B318 B319 B320 B321 B323 B324 B401 B402 B403 B405 B406 B407 B408 B409 "
    "B412 B413 B501 B502 B503 B504 B505 B506 B507 B508 B509 B601 B602 B603 B604 B605 B606 B607 B608 B609 B610 B611 "
    "B612 B613 B614 B615 B701 B702 B703 B704"
).split()
FORBIDDEN_PARTS = {"__pycache__", ".git", "__MACOSX", "tests", "test", "data", "benchmarks", "docs", ".venv"}
FORBIDDEN_ENDS = (
    ".pyc .pyo .so .dll .dylib .exe .sh .bat .cmd .gpkg .csv .shp .geojson .tif .zip .gz .xlsx .ipynb .qm~"
).split()
#: Tables that users shall be able to read and change; no other data go into the package.
TABLES = {PurePosixPath(PLUGIN, name) for name in (
    "typetables", "cptedprofiles", "cptedaudits", "cptedcatalogue", "phrases")}
TEXT_ENDS = {".py", ".txt", ".svg", ".html", ".css", ".json", ".ui", ".ts", ".qml", ".model3", ".md", ""}


def check_structure(path: Path) -> list[str]:
    """Size, one top folder, licence, nothing that does not belong into a plugin."""
    found = []
    if path.stat().st_size > LARGEST:
        found.append(f"{path.stat().st_size} bytes: more than the site takes ({LARGEST})")
    with zipfile.ZipFile(path) as archive:
        broken = archive.testzip()
        if broken:
            found.append(f"{broken}: damaged")
        entries = archive.infolist()
    names = [entry.filename for entry in entries]
    tops = {name.split("/")[0] for name in names}
    if tops != {PLUGIN} or not PLUGIN.isidentifier():
        found.append(f"top folders {sorted(tops)}: there must be {PLUGIN} alone")
    for needed in ("__init__.py", "metadata.txt", "LICENSE"):
        if f"{PLUGIN}/{needed}" not in names:
            found.append(f"{needed} is missing in the package")
    for entry in entries:
        name = PurePosixPath(entry.filename)
        if "\\" in entry.filename or name.is_absolute() or ".." in name.parts:
            found.append(f"{name}: no such path in a ZIP")
        # The folder of the tools' group "Data preparation" holds code and is called data, like the rooms beside it.
        parts = FORBIDDEN_PARTS - ({"data"} if name.suffix == ".py" else set())
        table = name.parent in TABLES and name.suffix == ".csv"
        forbidden = name.suffix.lower() in FORBIDDEN_ENDS and not table
        if parts & set(name.parts) or forbidden or name.name.startswith("."):
            found.append(f"{name}: does not belong into the package")
        if (entry.external_attr >> 16) & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH):
            found.append(f"{name}: is executable")
        if stat.S_ISLNK(entry.external_attr >> 16):
            found.append(f"{name}: is a link")
        if name.suffix not in TEXT_ENDS | {".png", ".qm"} and not table:
            found.append(f"{name}: unexpected kind of file")
    return found


def check_metadata(folder: Path) -> list[str]:
    """Required keys, versions, addresses and the icon."""
    found = []
    parser = configparser.ConfigParser()
    parser.read(folder / PLUGIN / "metadata.txt", encoding="utf-8")
    if not parser.has_section("general"):
        return ["metadata.txt has no [general]"]
    values = dict(parser["general"])
    for key in REQUIRED:
        if not values.get(key.lower(), "").strip():
            found.append(f"metadata.txt: {key} is missing")
    if not re.fullmatch(r"\d+\.\d+(\.\d+)?", values.get("version", "")):
        found.append(f"metadata.txt: version {values.get('version')!r} is no number of the form 1.2.3")
    if "supportsqt6" in values:
        found.append("metadata.txt: supportsQt6 is gone from QGIS; qgisMaximumVersion tells it")
    if re.search(r"plugin", values.get("name", ""), re.IGNORECASE):
        found.append("metadata.txt: the name repeats the word plugin")
    for key in ("tracker", "repository", "homepage"):
        if not re.fullmatch(r"https://\S+", values.get(key, "")):
            found.append(f"metadata.txt: {key} is no https address")
    icon = folder / PLUGIN / values.get("icon", "")
    if not icon.is_file() or icon.read_bytes()[:4] not in (b"\x89PNG", b"\xff\xd8\xff\xe0"):
        found.append("metadata.txt: icon is no PNG or JPEG file of the package")
    if "GNU GENERAL PUBLIC LICENSE" not in (folder / PLUGIN / "LICENSE").read_text(encoding="utf-8"):
        found.append("LICENSE is not the GNU General Public License")
    return found


def check_bandit(folder: Path) -> list[str]:
    """Run the site's list of security tests, at every severity."""
    from bandit.core import extension_loader

    known = set(extension_loader.MANAGER.plugins_by_id) | set(extension_loader.MANAGER.blacklist_by_id)
    tests = [name for name in BANDIT if name in known]
    # The command that belongs to this very Python; nosec marks are not honoured, the site shows them.
    command = [sys.executable, "-m", "bandit", "-r", str(folder), "-f", "json", "--quiet", "--ignore-nosec"]
    run = subprocess.run([*command, "-t", ",".join(tests)], capture_output=True, text=True)
    report = json.loads(run.stdout)
    found = [f"{error['filename']}: {error['reason']}" for error in report["errors"]]
    for issue in report["results"]:
        found.append(f"{issue['filename']}:{issue['line_number']}: {issue['test_id']} {issue['issue_text']}")
    return found


def check_secrets(folder: Path) -> list[str]:
    """Read what detect-secrets reports; its exit status is always 0."""
    command = [sys.executable, "-m", "detect_secrets", "scan", "--all-files", "--exclude-files", r"metadata\.txt", "."]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    report = json.loads(run.stdout)
    return [
        f"{name}:{secret['line_number']}: looks like a secret ({secret['type']})"
        for name, secrets in report["results"].items()
        for secret in secrets
    ]


def check_flake8(folder: Path) -> list[str]:
    """Run flake8 with the site's line length."""
    # Of the default list W503, W504, E203 contradict one another or the formatter; the site does not show them either.
    ignored = "--extend-ignore=E203,W503,W504"
    command = [sys.executable, "-m", "flake8", "--isolated", "--max-line-length=120", ignored, str(folder)]
    return subprocess.run(command, capture_output=True, text=True).stdout.splitlines()


def check_versions(folder: Path) -> list[str]:
    """Hold the code to Python 3.9 and to names that Qt 5 and Qt 6 share."""
    return [
        f"{path.relative_to(folder)}:{finding}" for path in sorted(folder.rglob("*.py")) for finding in findings(path)
    ]


def run_checks(path: Path) -> dict[str, list[str]]:
    """Run every check on a ZIP; return the findings by check."""
    results = {"structure": check_structure(path)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            archive.extractall(folder)
        checks = {
            "metadata": check_metadata,
            "bandit": check_bandit,
            "detect-secrets": check_secrets,
            "flake8": check_flake8,
            "Python 3.9, Qt 6": check_versions,
        }
        for title, check in checks.items():
            results[title] = [finding.replace(f"{folder}/", "") for finding in check(folder)]
    return results


def main() -> int:
    """Check the newest ZIP in ``dist/`` (or the one named) and say what was found."""
    given = [Path(name) for name in sys.argv[1:]]
    built = given or sorted((ROOT / "dist").glob(f"{PLUGIN}-*.zip"), key=lambda path: path.stat().st_mtime)[-1:]
    if not built:
        print("No ZIP in dist/: run make package first")
        return 1
    print(f"Gate for {built[0].name}")
    failed = 0
    for title, found in run_checks(built[0]).items():
        print(f"  {title}: {'passed' if not found else f'{len(found)} finding(s)'}")
        for finding in found:
            print(f"    {finding}")
        failed += len(found)
    print("Gate passed" if not failed else f"Gate FAILED: {failed} finding(s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
