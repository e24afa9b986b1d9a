"""The real input of the demonstration: three months of recorded crime in West Yorkshire.

The files are data.police.uk's, under the Open Government Licence v3.0; a package of the Python index carries them.
"""

from __future__ import annotations

import csv
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

PACKAGE = "crime-sim-toolkit==1.5.0"
WHEEL = "crime_sim_toolkit-1.5.0-py3-none-any.whl"
SHA256 = "d56d6ee28eb7bbb65d8e36f211413108620df221ce0c838fefb25013f475001c"
INSIDE = "crime_sim_toolkit/tests/testing_data/test_policedata/{year}-07/{year}-07-west-yorkshire-street.csv"
#: year -> rows of the file
ROWS = {2016: 27176, 2017: 28537, 2018: 31635}
CREDIT = (
    "Contains public sector information licensed under the Open Government Licence v3.0: data.police.uk, "
    "West Yorkshire Police, July 2016, 2017 and 2018."
)


class NoData(RuntimeError):
    """The real input cannot be had."""


def digest(path: Path) -> str:
    """Return a file's SHA-256."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def fetch(folder: Path) -> Path:
    """Return the package, from an earlier download if there is one.

    Raises
    ------
    NoData
        If it cannot be downloaded, or is not the file that was published.
    """
    path = folder / WHEEL
    if not path.exists() or digest(path) != SHA256:
        path.unlink(missing_ok=True)
        folder.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        done = subprocess.run(
            [*command, "--dest", str(folder), PACKAGE], capture_output=True, text=True, stdin=subprocess.DEVNULL
        )
        if done.returncode or not path.exists():
            reason = (done.stderr.strip().splitlines() or ["no reason was given"])[-1]
            raise NoData(
                f"The real input of the demonstration cannot be had: {PACKAGE} of the Python index: {reason} "
                "Check the connection and run make demo again."
            )
    if digest(path) != SHA256:
        found = digest(path)
        path.unlink()
        raise NoData(f"{WHEEL} is not the file that was published (SHA-256 {found}); it was removed.")
    return path


def extract(wheel: Path, folder: Path) -> dict[int, Path]:
    """Write the three files of the package into a folder and return them by year."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    with zipfile.ZipFile(wheel) as archive:
        for year, rows in ROWS.items():
            path = folder / f"{year}-07-west-yorkshire-street.csv"
            path.write_bytes(archive.read(INSIDE.format(year=year)))
            with open(path, encoding="utf-8", newline="") as stream:
                found = sum(1 for _ in csv.reader(stream)) - 1
            if found != rows:
                raise NoData(f"{path.name} has {found} rows, not {rows}")
            files[year] = path
    return files
