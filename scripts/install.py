"""Copy the plugin into the user's own QGIS profile, or remove it from there.

It is the profile that QGIS opens by default, or the one named in QGIS_PROFILE; QGIS_CUSTOM_CONFIG_PATH moves it as it
moves QGIS's own.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import zipfile
from configparser import ConfigParser, Error
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import package  # noqa: E402


def data_folder() -> Path:
    """Return the folder in which QGIS keeps its profiles on this system."""
    home = Path.home()
    if sys.platform == "win32":
        base = Path(os.environ.get("APPDATA", home / "AppData" / "Roaming")) / "QGIS"
    elif sys.platform == "darwin":
        base = home / "Library" / "Application Support" / "QGIS"
    else:
        base = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share") / "QGIS"
    return base / "QGIS3"


def profile() -> Path:
    """Return the profile that QGIS opens."""
    if os.environ.get("QGIS_CUSTOM_CONFIG_PATH"):
        profiles = Path(os.environ["QGIS_CUSTOM_CONFIG_PATH"]) / "profiles"
    else:
        profiles = data_folder() / "profiles"
    name = os.environ.get("QGIS_PROFILE", "")
    if not name:
        settings = ConfigParser()
        try:
            settings.read(profiles / "profiles.ini", encoding="utf-8")
        except Error:
            print(f"{profiles / 'profiles.ini'} cannot be read: taking the profile 'default'")
        name = settings.get("core", "defaultProfile", fallback="") or "default"
    return profiles / name


def main() -> int:
    """Install or remove."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--remove", action="store_true", help="remove the plugin from the profile")
    remove = parser.parse_args().remove
    plugins = profile() / "python" / "plugins"
    target = plugins / package.PLUGIN
    if target.is_symlink():
        print(f"{target} is a link that you made: it is left as it is")
        return 1
    if target.exists():
        shutil.rmtree(target)
    if remove:
        print(f"Removed from {plugins}")
        return 0
    plugins.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(package.build()) as archive:
        archive.extractall(plugins)
    print(f"Installed into {plugins}")
    print("In QGIS: Plugins > Manage and Install Plugins > Installed > tick Crime Hotspots.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
