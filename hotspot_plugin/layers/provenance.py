"""What was run, on what, with which settings, and what was left out.

The record is plain JSON, free of passwords, user names and absolute paths: it travels with
the result as a declared output and in the layer's metadata.
"""

from __future__ import annotations

import json
import math
import re
from datetime import datetime, timezone
from typing import Any

import numpy as np
from qgis.core import Qgis, QgsLayerMetadata, QgsMapLayer

_QUOTED = r"'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\""
#: ``password='...'``, ``user=anna``, ``&api_key=...``, ``"token": "..."``
_SECRET = re.compile(
    r"(?i)\b(\w*(?:password|passwd|pwd|secret|token|apikey|api_key|access_key)\w*|user|username|userid|uid|authcfg|key)"
    rf"(?:\s*=\s*|[\"']\s*:\s*)(?:{_QUOTED}|[^\s;&|,'\"]+)"
)
_ADDRESS = re.compile(r"(?i)(?<![\w])(?!file:)(\w[\w+.-]+://)(?:[^/@\s'\"]+@)?([^\s'\"<>|]*)")
#: Folders at the begin of an absolute path, of an own home folder even with its name; a slash within or after a word
#: (``Theft/Robbery``, ``and / or``) is none.
_FOLDER = r"(?:[^\s\\/|'\"<>\n](?:[^\\/|'\"<>\n]*[^\s\\/|'\"<>\n])?[\\/]+)"
_PATH = re.compile(
    r"(?:(?<=^)|(?<=[\s'\"=(\[{,;:|@]))"
    r"(?:file:/*|/vsi\w+/+)*(?:[A-Za-z]:[\\/]+|\\\\+|/+(?=[^\s/])|~\w*/)"
    rf"(?:(?:home|Users)[\\/]+[^\s\\/|'\"]+(?:[\\/]+|$))?{_FOLDER}*"
)


def clean(text: str) -> str:
    """Return a text without credentials and without the folders of paths; addresses on the web keep their path."""
    text = _SECRET.sub(r"\1=…", str(text))
    out, at = [], 0
    for address in _ADDRESS.finditer(text):
        out += [_PATH.sub("", text[at : address.start()]), address.group(1), address.group(2)]
        at = address.end()
    return "".join(out) + _PATH.sub("", text[at:])


def clean_values(value: Any) -> Any:
    """Clean all texts within lists and dictionaries; numbers that JSON does not know become None."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {str(k): clean_values(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [clean_values(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
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


#: Keyword of layers that are practice data, or made from such.
PRACTICE = ("crime hotspots", "practice data")


def metadata(
    title: str, summary: str, provenance: str, crs: Any, licence: str = "", practice: bool = False
) -> QgsLayerMetadata:
    """Return layer metadata that carries the record in its history, and says what is practice data."""
    result = QgsLayerMetadata()
    result.setType("dataset")
    result.setTitle(title)
    result.setAbstract(summary)
    result.setLanguage("en")
    result.setCrs(crs)
    if provenance:
        result.addHistoryItem(provenance)
    if practice:
        result.addKeywords(PRACTICE[0], [PRACTICE[1]])
    if licence:
        result.setLicenses([licence])
    return result


def is_practice(layer: QgsMapLayer) -> bool:
    """Whether a layer's metadata say that it is practice data, or was made from such."""
    return PRACTICE[1] in layer.metadata().keywords(PRACTICE[0])


#: Tools whose areas are chosen for their many incidents.
CHOOSING = ("hotspot:findhotspots", "hotspot:patrolzones", "hotspot:evaluationareas")
#: Tools that write the days of choice into their results, as CHOSEN_FROM and CHOSEN_TO.
_TELLING = ("hotspot:patrolzones", "hotspot:evaluationareas")


def chosen_by_count(record: dict) -> bool:
    """Whether a record says that areas were chosen for their many incidents, whenever that was."""
    if record.get("tool") == "hotspot:evaluationareas":
        return (record.get("results") or {}).get("CHOSEN_BY") != "not by incidents"
    return record.get("tool") in CHOOSING


def chosen_alike(record: dict) -> bool:
    """Whether a record says that the comparison areas were chosen for their many incidents as the treated ones were."""
    found = record.get("results") or {}
    return record.get("tool") == "hotspot:evaluationareas" and found.get("SAME_RULE") == 1


def days_of_choice(record: dict) -> tuple | None:
    """Return the first and last day of the incidents that areas were chosen for.

    Parameters
    ----------
    record : dict
        The record of the areas (:func:`read`).

    Returns
    -------
    (datetime64[D], datetime64[D]) or None
        None where the areas were not chosen for their number, or the record does not tell when.
    """
    tool, settings = record.get("tool"), record.get("parameters") or {}
    if not chosen_by_count(record):
        return None
    if tool in _TELLING:
        found = record.get("results") or {}
        spans = [[found.get("CHOSEN_FROM"), found.get("CHOSEN_TO")]]
    else:
        dates = (record.get("inputs") or {}).get("INPUT", {}).get("dates") or {}
        spans = [span for span in dates.values() if isinstance(span, list) and len(span) == 2]
    if len(spans) != 1 or not all(spans[0]):
        return None
    try:
        start, end = (np.datetime64(text, "D") for text in spans[0])
        if len(spans[0][1]) == 7:
            end = (np.datetime64(spans[0][1], "M") + 1).astype("datetime64[D]") - 1
        if settings.get("AS_OF"):
            end = min(end, np.datetime64(settings["AS_OF"], "D"))
        if settings.get("TEST_FROM"):
            end = min(end, np.datetime64(settings["TEST_FROM"], "D") - 1)
        if settings.get("WINDOW"):
            start = max(start, end - int(settings["WINDOW"]) + 1)
    except (ValueError, TypeError):
        return None
    return start, end


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


def made_by(layer: Any) -> str:
    """Return the id of our tool that made a layer, "" for others."""
    return str(read(layer).get("tool") or "")
