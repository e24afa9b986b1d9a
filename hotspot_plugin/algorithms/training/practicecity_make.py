"""Makes the town that is asked for, and the files that hold it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from qgis.core import QgsCoordinateReferenceSystem, QgsLayerTreeLayer, QgsProcessingContext, QgsProject, QgsVectorLayer

from ...analysis.errors import InputError
from ...analysis.training import town as towns
from ...analysis.training import townexport, towntruth
from ...analysis.training.draws import Stream
from ...layers import crs as crs_module
from ...layers import geopackage, writing
from ...qobjects import keep
from ...translation import tr
from .. import record
from . import practicecity_export as dirty
from . import practicecity_layers as layers
from . import practicecity_style as looks

NOWHERE, CENTRE = "EPSG:32631", (500_000.0, 100_000.0)
#: layers that are opened afterwards, the lowest first
_OPENED = ("ground", "water", "parks", "streets", "beats", "incidents")
_NOT_SHOWN = ("truth_places", "population", "addresses", "lights", "boundary", "reports", "beats", "facilities",
              "premises")


@dataclass
class Made:
    """A town, where it lies, and its file."""

    town: towns.Town
    export: Any
    table: towntruth.Rows
    crs: QgsCoordinateReferenceSystem
    centre: tuple
    path: Path
    written: list

    @property
    def digest(self) -> str:
        """Fingerprint of the numbers."""
        return towns.digest(self.town)


def make(run: Any) -> Made:
    """Read the settings and make the town."""
    tool = run.tool
    from .practicecity import SIZES

    path = Path(run.file(tool.OUTPUT))
    if path.suffix.lower() != ".gpkg":
        raise InputError(tool.OUTPUT, "Practice data are one GeoPackage. Give it a name that ends in .gpkg.")
    if path.exists() and path.stat().st_size:
        raise InputError(tool.OUTPUT, "'{file}' exists already. Choose another name, or delete it yourself.",
                         file=path.name)
    crs, centre = _place(run)
    run.use_crs(crs, np.array([centre[0]]), np.array([centre[1]]), tool.CRS)
    size = run.choice(tool.SIZE)
    per_year = SIZES[size] if size < len(SIZES) else run.integer(tool.INCIDENTS_YEAR)
    first = run.date(tool.START)
    first = np.datetime64("2023-01-01") if first is None else first
    if not np.datetime64("1950-01-01") <= first <= np.datetime64("2150-01-01"):
        raise InputError(tool.START, "The first day must lie between 1950 and 2150.")
    if str(first).endswith("02-29"):
        raise InputError(tool.START, "Years that begin on 29 February have no anniversary. Choose another day.")
    years, seed = run.integer(tool.YEARS), run.integer(tool.SEED)
    if per_year * years > 5_000_000:
        raise InputError(tool.YEARS, "{rows:,} incidents are more than one file should hold; at most 5,000,000 are"
                         " made. Choose fewer years or a smaller town.", rows=per_year * years)
    town = towns.make(seed, per_year, years, str(first), run.number(tool.TREND), run.number(tool.EFFECT),
                      run.number(tool.DISPLACED), run.stage(0.0, 0.3))
    run.check()
    table = towntruth.table(town)
    export = None
    if run.flag(tool.DIRTY) or run.file(tool.DIRTY_CSV):
        export = townexport.make(Stream(seed, "export", int(per_year)), town)
        dirty.tell(export, table)
    return Made(town, export, table, crs, centre, path, [])


def _place(run: Any) -> tuple:
    tool = run.tool
    crs = run.crs_value(tool.CRS)
    given = crs.isValid()
    crs = crs if given else QgsCoordinateReferenceSystem(NOWHERE)
    if not crs_module.is_metric(crs) or not crs.authid().startswith("EPSG:"):
        raise InputError(tool.CRS, "A projected system in metres with an EPSG number is needed, such as {example}.",
                         example=NOWHERE)
    text = run.text(tool.CENTRE) or "500000, 100000"
    try:
        x, y = (float(part) for part in text.split("[")[0].replace(";", ",").split(","))
    except ValueError:
        raise InputError(tool.CENTRE, "'{text}' is no place. Write easting and northing, such as 500000, 100000.",
                         text=text) from None
    if not np.isfinite([x, y]).all() or max(abs(x), abs(y)) > 2e7:
        raise InputError(tool.CENTRE, "'{text}' is no place. Write easting and northing, such as 500000, 100000.",
                         text=text)
    return crs, (x, y)


def write(run: Any, made: Made) -> None:
    """Write the GeoPackage with looks, metadata and project, and the text table."""
    tool = run.tool
    maker = layers.Maker(made.town, int(made.crs.authid().split(":")[1]), made.centre, made.table)
    export = made.export if run.flag(tool.DIRTY) else None
    wanted = maker.all(export)
    path = made.path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with geopackage.unhurried_disk():
            geopackage.write(str(path), made.crs, wanted, run.context, run.stage(0.3, 0.9))
            _dress(run, made, wanted)
            run.progress(0.95)
            _project(run, made, wanted)
        csv_path = run.file(tool.DIRTY_CSV)
        if csv_path:
            dirty.write_csv(csv_path, maker, made.export, run.stage(0.95, 1.0))
            run.outputs[tool.DIRTY_CSV] = csv_path
    except BaseException:
        # half a town would be taken for a whole one
        if path.exists():
            path.unlink()
        raise
    run.outputs[tool.OUTPUT] = str(path)
    made.written = [layer.name for layer in wanted]
    for name, layer in tool.LAYERS.items():
        run.outputs[f"{name}_LAYER"] = f"{path}|layername={layer}" if layer in made.written else None
    if run.flag(tool.LOAD):
        _open(run, made, wanted)


def _layer(path: Path, name: str, title: str = "") -> QgsVectorLayer:
    return QgsVectorLayer(f"{path}|layername={name}", title or name, "ogr")


def _metadata(made: Made, layer: geopackage.Layer) -> Any:
    crs = made.crs if layer.kind != geopackage.TABLE else QgsCoordinateReferenceSystem()
    return record.layer_metadata(layer.title, layer.description, "", crs, practice=True)


def _dress(run: Any, made: Made, wanted: list) -> None:
    styles = looks.styles()
    for layer in wanted:
        run.check()
        opened = _layer(made.path, layer.name)
        if not opened.isValid() or opened.featureCount() != layer.count:
            raise writing.OutputError("Only {found} of {count} rows of {name} reached {file}. Check that there is"
                                      " room and"
                                      " permission where it is written.", found=opened.featureCount(),
                                      count=layer.count,
                                      name=layer.name, file=made.path.name)
        opened.setMetadata(_metadata(made, layer))
        opened.saveDefaultMetadata()
        if layer.name in styles:
            styles[layer.name].apply(opened)
            writing.save_style(opened, layer.name)


def _project(run: Any, made: Made, wanted: list) -> None:
    """Keep a project with all layers in the file, the answers hidden."""
    project = keep(QgsProject())
    project.setTitle(tr("Practice data: not a real place"))
    project.setCrs(made.crs)
    styles = looks.styles()
    for layer in wanted:
        opened = _layer(made.path, layer.name, layer.name)
        if layer.name in styles:
            styles[layer.name].apply(opened)
        project.addMapLayer(opened, False)
        node = QgsLayerTreeLayer(opened)
        project.layerTreeRoot().addChildNode(node)
        node.setItemVisibilityChecked(layer.name not in _NOT_SHOWN)
        node.setExpanded(False)
    if not project.write(f"geopackage:{made.path}?projectName=practice"):
        raise writing.OutputError("The project cannot be kept in {file}: {error}.", file=made.path.name,
                                  error=project.error())
    project.clear()


def _open(run: Any, made: Made, wanted: list) -> None:
    """Have QGIS open the main layers when the run has ended."""
    project = run.context.project()
    if project is None:
        return
    styles = looks.styles()
    metadata = {layer.name: _metadata(made, layer) for layer in wanted}
    for name in _OPENED:
        if name in made.written:
            details = QgsProcessingContext.LayerDetails(f"{name} ({tr('practice data')})", project, name)
            place = f"{made.path}|layername={name}"
            run.context.addLayerToLoadOnCompletion(place, details)
            writing.finish_on_load(run.context, place, styles.get(name), metadata.get(name))
