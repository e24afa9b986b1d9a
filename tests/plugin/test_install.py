"""``make install`` copies the plugin into a profile, and takes it out again."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(
    shutil.which("git") is None or not (ROOT / ".git").exists(), reason="packing asks git for the tracked files"
)
def test_install_and_remove(tmp_path):
    environment = {"QGIS_CUSTOM_CONFIG_PATH": str(tmp_path), "QGIS_PROFILE": "police", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, str(ROOT / "scripts" / "install.py")]
    plugins = tmp_path / "profiles" / "police" / "python" / "plugins"
    subprocess.run(command, env=environment, check=True, capture_output=True)
    assert (plugins / "hotspot_plugin" / "metadata.txt").exists()
    subprocess.run([*command, "--remove"], env=environment, check=True, capture_output=True)
    assert not (plugins / "hotspot_plugin").exists()
