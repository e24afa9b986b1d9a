"""What was run, on what, with which settings, and what was left out.

The record is plain JSON, free of passwords, user names and absolute paths: it travels with
the result as a declared output and in the layer's metadata.
"""

from __future__ import annotations

import json
import re
from datetime import datetime, timezone
from typing import Any

from qgis.core import Qgis, QgsLayerMetadata

_SECRET = re.compile(
    r"(?i)\b(password|passwd|pwd|user|username|authcfg|token|key)\s*=\s*('[^']*'|\"[^\"]*\"|[^\s;&|]+)"
)
_CREDENTIALS = re.compile(r"(?i)(\w+://)[^/@\s]+@")
_PATH = re.compile(r"(?:/vsi\w+/)?(?:[A-Za-z]:[\\/]|\\\\|/)(?:[^\\/|'\"<>\n]+[\\/])+")


def clean(text: str) -> str:
    """Return a text without credentials and without the folders of paths."""
    text = _SECRET.sub(r"\1=…", str(text))
    text = _CREDENTIALS.sub(r"\1", text)
    if "://" in text and not text.startswith("file:"):
        return text
    return _PATH.sub("", text)


def clean_values(value: Any) -> Any:
    """Clean all texts within lists and dictionaries."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {str(k): clean_values(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_values(v) for v in value]
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return clean(str(value))


def record(
    tool: str,
    version: str,
    parameters: dict,
    inputs: dict,
    crs: str,
    results: dict,
    notes: list,
    warnings: list,
) -> str:
    """Return the record of a run as JSON text.

    Parameters
    ----------
    tool : str
        Id of the tool, e.g. ``"hotspot:gistar"``.
    version : str
        Version of the plugin.
    parameters : dict
        Settings by parameter name.
    inputs : dict
        For each source its file name, rows, what was left out, fingerprint.
    crs : str
        The analysis system, e.g. ``"EPSG:32630"``.
    results : dict
        The tool's numbers.
    notes, warnings : list of str
        What the tool told the user.
    """
    content = {
        "tool": tool,
        "plugin": f"Crime Hotspots {version}",
        "qgis": Qgis.QGIS_VERSION.split("-")[0],
        "made": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "crs": crs,
        "parameters": parameters,
        "inputs": inputs,
        "results": results,
        "notes": notes,
        "warnings": warnings,
    }
    return json.dumps(clean_values(content), ensure_ascii=False, allow_nan=False)


def metadata(title: str, summary: str, provenance: str, crs: Any) -> QgsLayerMetadata:
    """Return layer metadata that carries the record in its history."""
    result = QgsLayerMetadata()
    result.setType("dataset")
    result.setTitle(title)
    result.setAbstract(summary)
    result.setLanguage("en")
    result.setCrs(crs)
    result.addHistoryItem(provenance)
    return result


def read(layer: Any) -> dict:
    """Return the record that a layer carries, or an empty dictionary."""
    for item in reversed(layer.metadata().history()):
        try:
            content = json.loads(item)
        except ValueError:
            continue
        if isinstance(content, dict) and str(content.get("tool", "")).startswith("hotspot:"):
            return content
    return {}
