"""Write docs/reference/ from the registered tools, so that it cannot drift from the code.

Run by ``make docs``; a test compares the files with what this makes.
"""

from __future__ import annotations

import ast
import inspect
import re
from importlib import import_module
from pathlib import Path

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterNumber,
)

from hotspot_plugin.layers import fields
from hotspot_plugin.provider import TOOLS

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "reference"
NOTICE = "<!-- Written by `make docs` from the tool itself: do not edit. -->"

GEOMETRY = {
    QgsProcessing.SourceType.TypeVectorPoint: "points",
    QgsProcessing.SourceType.TypeVectorLine: "lines",
    QgsProcessing.SourceType.TypeVectorPolygon: "polygons",
    QgsProcessing.SourceType.TypeVectorAnyGeometry: "any geometry",
    QgsProcessing.SourceType.TypeVector: "any layer or table",
}
KINDS = {
    "distance": "distance in metres",
    "boolean": "yes or no",
    "string": "text",
    "datetime": "date",
    "multilayer": "layers of any kind",
    "raster": "raster",
    "crs": "coordinate reference system",
    "extent": "extent",
    "file": "file",
    "fileDestination": "file to write",
    "folderDestination": "folder to write",
    "rasterDestination": "raster to make",
    "sink": "layer to make",
    "enum": "choice",
    "outputVector": "layer",
    "outputRaster": "raster",
    "outputNumber": "number",
    "outputString": "text",
    "outputHtml": "web page",
    "outputFile": "file",
    "outputFolder": "folder",
}


def markdown(text: str) -> str:
    """Turn the little HTML of help texts into Markdown."""
    for pattern, replacement in (
        (r"\s*</?(ul|ol)>\s*", "\n\n"),
        (r"\s*<li>\s*", "\n- "),
        (r"\s*</li>", ""),
        (r"\s*</?p>\s*", "\n\n"),
        (r"<br\s*/?>", "  \n"),
        (r"</?(b|strong)>", "**"),
        (r"</?(i|em)>", "*"),
        (r"</?(code|tt)>", "`"),
        (r"<h\d>(.*?)</h\d>", r"\n\n**\1**\n\n"),
        (r"&lt;", "<"),
        (r"&gt;", ">"),
        (r"&amp;", "&"),
        (r"\n{3,}", "\n\n"),
    ):
        text = re.sub(pattern, replacement, text)
    return text.strip()


def cell(text: object) -> str:
    """Return a text that fits into a table's cell."""
    return re.sub(r"\s+", " ", markdown(str(text))).replace("|", "\\|")


def flagged(definition: QgsProcessingParameterDefinition, name: str) -> bool:
    """Whether a parameter bears a flag."""
    return bool(definition.flags() & getattr(QgsProcessingParameterDefinition.Flag, name))


def kind(definition: QgsProcessingParameterDefinition) -> str:
    """Say in words what a parameter takes."""
    name = definition.type()
    if name == "source":
        return "layer: " + " or ".join(GEOMETRY[value] for value in definition.dataTypes())
    if name == "number":
        return "whole number" if definition.dataType() == QgsProcessingParameterNumber.Type.Integer else "number"
    if name == "field":
        words = "fields" if definition.allowMultiple() else "field"
        return f"{words} of {definition.parentLayerParameterName()}"
    if name == "enum":
        return "choice: " + ", ".join(f"{k} = {option}" for k, option in enumerate(definition.options()))
    return KINDS[name]


def default(definition: QgsProcessingParameterDefinition) -> str:
    """Return the default as one would type it."""
    value = definition.defaultValue()
    if definition.isDestination() or value is None or value == "":
        return ""
    if isinstance(value, bool) or definition.type() == "boolean":
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).replace("*", "\\*")


def helpers(module: str, tree: ast.Module) -> list[str]:
    """Return the modules beside a tool's own from which it imports, other tools excepted."""
    package = module.rsplit(".", 1)[0]
    tools = {f"hotspot_plugin.algorithms.{name}" for name, _ in TOOLS}
    names: dict[str, None] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level == 1:
            beside = [node.module] if node.module else [alias.name for alias in node.names]
            names.update(dict.fromkeys(f"{package}.{name}" for name in beside))
    return [name for name in names if name not in tools]


def field_names(module: str) -> list[str]:
    """Return the output fields that a tool names as keys of its columns, in order of appearance.

    Both the tool's own module and its helpers beside it are looked at.
    """
    names: dict[str, None] = {}
    waiting, done = [module], set()
    while waiting:
        current = waiting.pop(0)
        done.add(current)
        tree = ast.parse(inspect.getsource(import_module(current)))
        waiting += [name for name in helpers(current, tree) if name not in done]
        for node in ast.walk(tree):
            keys = []
            if isinstance(node, ast.Dict):
                keys = [key for key in node.keys if key is not None]
            elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
                keys = [node.slice]
            for key in keys:
                if isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) and key.value.id == "fields":
                    names[getattr(fields, key.attr)] = None
    return list(names)


def parameter_rows(tool: QgsProcessingAlgorithm) -> list[str]:
    """Return the table of a tool's parameters."""
    rows = ["| Parameter | Takes | Default | Meaning |", "|---|---|---|---|"]
    for definition in tool.parameterDefinitions():
        needed = "optional" if flagged(definition, "FlagOptional") else "required"
        if definition.defaultValue() not in (None, "") and not definition.isDestination():
            needed = "has a default"
        place = ", advanced" if flagged(definition, "FlagAdvanced") else ""
        rows.append(
            f"| `{definition.name()}`<br>{cell(definition.description())} | {cell(kind(definition))} "
            f"({needed}{place}) | {cell(default(definition))} | {cell(definition.help())} |"
        )
    return rows


def output_rows(tool: QgsProcessingAlgorithm) -> list[str]:
    """Return the table of a tool's outputs."""
    rows = ["| Output | Kind | Meaning |", "|---|---|---|"]
    for output in tool.outputDefinitions():
        definition = tool.parameterDefinition(output.name())
        help_text = definition.help() if definition else tool.output_help.get(output.name(), "")
        title = output.description() or (definition.description() if definition else "")
        rows.append(f"| `{output.name()}`<br>{cell(title)} | {KINDS[output.type()]} | {cell(help_text)} |")
    return rows


def page(tool: QgsProcessingAlgorithm, module: str) -> str:
    """Return a tool's page."""
    lines = [NOTICE, "", f"# {tool.displayName()}", "", tool.shortDescription(), ""]
    lines += [f"`hotspot:{tool.name()}` · {tool.group()} · search words: {', '.join(tool.tags())}", ""]
    lines += [markdown(tool.about()), "", "## Parameters", "", *parameter_rows(tool)]
    lines += ["", "## Outputs", "", *output_rows(tool)]
    names = field_names(module)
    if names:
        lines += ["", "## Fields", "", "| Field | Meaning |", "|---|---|"]
        lines += [f"| `{name}` | {cell(fields.DESCRIPTIONS[name])} |" for name in names]
    return "\n".join(lines) + "\n"


def index(tools: list[QgsProcessingAlgorithm]) -> str:
    """Return the list of all tools by group."""
    lines = [NOTICE, "", "# Reference of the tools", ""]
    group = ""
    for tool in tools:
        if tool.group() != group:
            group = tool.group()
            lines += [f"## {group}", ""] if lines[-1] == "" else ["", f"## {group}", ""]
        lines.append(f"- [{tool.displayName()}]({tool.name()}.md) (`hotspot:{tool.name()}`): {tool.shortDescription()}")
    return "\n".join(lines) + "\n"


def pages() -> dict[str, str]:
    """Return all pages by file name."""
    result, tools = {}, []
    for module, name in TOOLS:
        path = f"hotspot_plugin.algorithms.{module}"
        tool = getattr(import_module(path), name)()
        tool.initAlgorithm()
        tools.append(tool)
        result[f"{tool.name()}.md"] = page(tool, path)
    return {"README.md": index(tools), **result}


def main() -> None:
    """Write the pages and remove those of tools that are gone."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    made = pages()
    for path in FOLDER.glob("*.md"):
        if path.name not in made:
            path.unlink()
    for name, text in made.items():
        (FOLDER / name).write_text(text, encoding="utf-8")
    print(f"docs/reference: {len(made)} pages")


if __name__ == "__main__":
    from qgis.core import QgsApplication

    application = QgsApplication([], False)
    application.initQgis()
    main()
    application.exitQgis()
