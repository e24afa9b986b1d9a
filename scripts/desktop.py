"""Start the real QGIS desktop with the plugin, on a display of its own, and let a script drive it.

The script runs inside QGIS (``--code``). It finds in the environment: ``HOTSPOT_OUT``, the folder for what it makes,
and it must end QGIS itself. Nothing of the user's profile is read or written.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROFILE = """[PythonPlugins]
hotspot_plugin=true
processing=true
[qgis]
checkVersion=false
showTips=false
newsFeed=false
[news-feed]
httpsfeedqgisorg\\disabled=true
[Qgis]
showTips349=false
[locale]
overrideFlag=true
userLocale=en_US
"""


class NoDesktop(RuntimeError):
    """This machine cannot show a QGIS desktop."""


def program() -> str:
    """Return QGIS itself rather than Debian's wrapper."""
    for name in ("qgis.bin", "qgis"):
        found = shutil.which(name)
        if found:
            return found
    raise NoDesktop("QGIS is not installed")


@contextmanager
def display() -> Iterator[str]:
    """Give the name of an X display: one named in HOTSPOT_DISPLAY, or an Xvfb that ends with the block."""
    given = os.environ.get("HOTSPOT_DISPLAY")
    if given:
        yield given
        return
    if shutil.which("Xvfb") is None:
        raise NoDesktop("there is no Xvfb here, and HOTSPOT_DISPLAY names no display")
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1600x1000x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        number = server.stdout.readline().strip()
        if not number:
            raise NoDesktop("Xvfb did not start")
        yield f":{number}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        server.stdout.close()


def run(script: Path, out: Path, timeout: float = 180.0, **environment: str) -> tuple[int, str]:
    """Run a script inside the desktop.

    Parameters
    ----------
    script : Path
        Python file that QGIS runs once it has started.
    out : Path
        Folder that the script finds in ``HOTSPOT_OUT``.
    timeout : float
        Seconds after which QGIS is ended; the exit status is then 124.
    **environment
        More variables for the script.

    Returns
    -------
    tuple of int and str
        QGIS's exit status, and what it printed.
    """
    out.mkdir(parents=True, exist_ok=True)
    with display() as name, tempfile.TemporaryDirectory(prefix="crime-hotspots-desktop") as place:
        home = Path(place)
        settings = home / "profiles" / "default" / "QGIS" / "QGIS3.ini"
        settings.parent.mkdir(parents=True)
        settings.write_text(PROFILE, encoding="utf-8")
        runtime = home / "run"
        runtime.mkdir(mode=0o700)
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("QGIS_", "QT_", "PYTHON", "DBUS_", "VIRTUAL"))}
        kept.update(
            DISPLAY=name,
            HOME=str(home),
            XDG_RUNTIME_DIR=str(runtime),
            XDG_CONFIG_HOME=str(home / "config"),
            XDG_DATA_HOME=str(home / "share"),
            XDG_CACHE_HOME=str(home / "cache"),
            LC_ALL="C.UTF-8",
            QT_QPA_PLATFORM="xcb",
            QGIS_PLUGINPATH=str(ROOT),
            PYTHONDONTWRITEBYTECODE="1",
            HOTSPOT_OUT=str(out),
            **environment,
        )
        command = [program(), "--noversioncheck", "--nologo", "--profiles-path", str(home), "--code", str(script)]
        with open(out / "desktop.log", "w+", encoding="utf-8") as log:
            process = subprocess.Popen(command, env=kept, cwd=home, stdout=log, stderr=subprocess.STDOUT)
            try:
                status = process.wait(timeout=timeout)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                status = 124
            log.seek(0)
            return status, log.read()
