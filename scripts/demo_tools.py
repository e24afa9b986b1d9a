"""Running tools for the demonstration: one ``qgis_process`` each, as anybody would on a command line."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROCESS = ROOT / "scripts" / "qgis_process.sh"


class ToolFailed(RuntimeError):
    """A tool ended with an error."""


def table(package: Path, name: str) -> str:
    """Return an output that becomes one table of a GeoPackage."""
    return f"ogr:dbname='{package}' table=\"{name}\" (geom)"


def layer(package: Path, name: str, subset: str = "") -> str:
    """Return an input that is one table of a GeoPackage, or the rows of it that a condition picks."""
    return f"{package}|layername={name}" + (f"|subset={subset}" if subset else "")


def call(*arguments: str) -> subprocess.CompletedProcess:
    """Run ``qgis_process``, away from the user's profile (the environment says where)."""
    return subprocess.run(
        [str(PROCESS), *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=os.environ
    )


def enable_plugin() -> None:
    """Make the plugin's tools known in the throw-away profile."""
    done = call("plugins", "enable", "hotspot_plugin")
    if "hotspot:" not in call("list").stdout and "hotspot" not in done.stdout:
        raise ToolFailed(f"The plugin could not be enabled: {done.stdout} {done.stderr}")


def run(tool: str, show: bool = True, **parameters: object) -> dict:
    """Run one tool and return its results.

    Parameters
    ----------
    tool : str
        Id, e.g. ``hotspot:findhotspots``.
    show : bool
        Print what is being run, with its time.
    **parameters
        Values as typed on a command line; a list gives the parameter several times, None is left out.

    Raises
    ------
    ToolFailed
        With what the tool said.
    """
    typed = []
    for name, value in parameters.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                typed.append(f"--{name}={one}")
    begin = time.monotonic()
    done = call("run", tool, "--json", *typed)
    if done.returncode:
        raise ToolFailed(f"{tool} ended with status {done.returncode}:\n{done.stderr.strip()}")
    answer = json.loads(done.stdout)
    if show:
        print(f"  {tool} ({time.monotonic() - begin:.1f} s)")
    results = answer["results"]
    results["WARNINGS"] = answer.get("log", {}).get("warning", [])
    return results
