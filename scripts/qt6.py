"""Find in the syntax tree what breaks on another Python or Qt than the one at hand.

QGIS 3.22 on Windows runs Python 3.9 and Qt 5, QGIS 4 runs Qt 6: neither need be installed for these rules.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

OLDEST_PYTHON = (3, 9)

#: Classes whose enumerations are always written out: ``Qt.DockWidgetArea.RightDockWidgetArea``.
SCOPED = re.compile(r"^(Q[A-Z][A-Za-z]*|Qt|Qgs[A-Z][A-Za-z]*|Qgis)$")
#: Members with a capital that are no enumerations: classes, constants and Qt's ready-made objects.
NO_ENUM = {
    ("Qgis", "QGIS_VERSION"),
    ("Qgis", "QGIS_VERSION_INT"),
    ("Qgis", "QGIS_RELEASE_NAME"),
    ("QgsProcessing", "TEMPORARY_OUTPUT"),
}
#: What an enumeration's value looks like: methods start in lower case (but Qt's colours, ``Qt.white``, do too).
VALUE = re.compile(r"^[A-Z][A-Za-z0-9]*$")
#: Scopes that QGIS 3.22 does not know yet.
TOO_NEW = {
    "ProcessingSourceType",
    "ProcessingAlgorithmFlag",
    "ProcessingFieldParameterDataType",
    "ProcessingNumberParameterType",
    "WkbType",
    "GeometryType",
    "DistanceUnit",
    "LayerFilter",
    "InvalidGeometryCheck",
}
#: Modules that exist for one Qt only, or that are internal to QGIS.
BAD_MODULES = re.compile(r"^(PyQt[456]|PySide[26]|sip)(\.|$)|^processing\.(tools|core|algs)(\.|$)")
#: The one place that may ask for versions.
COMPAT = "compat.py"


def dotted(node: ast.AST) -> list[str]:
    """Return ``["Qt", "DockWidgetArea"]`` for ``Qt.DockWidgetArea``; empty where it is no chain of names."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return []
    parts.append(node.id)
    return parts[::-1]


def findings_of_tree(tree: ast.Module, compat: bool) -> Iterator[tuple[int, str]]:
    """Yield (line, text) for whatever breaks the rules in one module."""
    # Not the last part of a name, or a nested class that is called.
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    inner |= {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    for node in ast.walk(tree):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                if BAD_MODULES.match(name) and not compat:
                    yield node.lineno, f"import of {name}: take Qt from qgis.PyQt, Processing from qgis.core"
            if isinstance(node, ast.ImportFrom) and node.module == "qgis.PyQt.QtGui":
                for alias in node.names:
                    if alias.name in {"QAction", "QActionGroup", "QShortcut"}:
                        yield node.lineno, f"{alias.name} comes from qgis.PyQt.QtWidgets on both Qt versions"
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "exec_":
            yield node.lineno, "exec_() is gone in Qt 6: exec()"
        if not isinstance(node, ast.Attribute) or id(node) in inner or compat:
            continue
        chain = dotted(node)
        if len(chain) < 2 or not SCOPED.match(chain[0]) or tuple(chain[:2]) in NO_ENUM:
            continue
        if chain[0] == "QVariant" and chain[1] != "Type":
            yield node.lineno, f"{'.'.join(chain)}: field types come from {COMPAT}"
        elif chain[0] == "Qgis" and chain[1] in TOO_NEW:
            yield node.lineno, f"{'.'.join(chain)} is unknown to QGIS 3.22: use the name in the old class"
        elif len(chain) == 2 and (chain[0] == "Qt" or VALUE.match(chain[1])):
            yield node.lineno, f"{'.'.join(chain)}: write the enumeration's scope out (Class.Enumeration.Value)"


def findings(path: Path) -> list[str]:
    """Return the findings of one file as ``line: text``.

    Checks that the file parses as Python 3.9 and holds annotations as text, so that ``int | None`` is harmless there.
    """
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text, str(path), feature_version=OLDEST_PYTHON)
    except SyntaxError as error:
        return [f"{error.lineno}: no Python 3.9: {error.msg}"]
    found = [f"{line}: {what}" for line, what in sorted(findings_of_tree(tree, path.name == COMPAT))]
    code = [node for node in tree.body if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))]
    futures = [n for n in code if isinstance(n, ast.ImportFrom) and n.module == "__future__"]
    if code and not any(alias.name == "annotations" for node in futures for alias in node.names):
        found.append("1: from __future__ import annotations is missing")
    return found
