"""What the demonstration leaves behind: the project, the map, the report, and the sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from qgis.core import (
    QgsApplication,
    QgsFeatureRequest,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsRenderContext,
    QgsVectorLayer,
)

from hotspot_plugin.compat import save_style
from hotspot_plugin.layers import styling
from hotspot_plugin.reports.html import Report
from hotspot_plugin.reports.maps import map_png
from scripts import demo_data

PACKAGE = "west-yorkshire.gpkg"
PROJECT = "west-yorkshire.qgz"
DENSITY = "density.tif"
FILES = {
    PROJECT: "QGIS project with all layers: open this one",
    PACKAGE: "the layers, styled: incidents, grid, hot spots, patrol zones, change",
    DENSITY: "incidents per square kilometre, the ground of the map",
    "report.html": "what was found, to read and to print",
    "map.png": "the map of the report",
    "check-2016.html ...": "the reports of the single steps, with their tables and pictures",
    "mapping.json": "how the columns of the files were understood, for next month's file",
}
TITLE = "Burglary, robbery and vehicle crime in West Yorkshire"
#: table of the package -> title in the project, from the top down
LAYERS = {
    "zones": "Patrol zones",
    "hotspots": "Hot spots, July 2016",
    "change": "Zones: July 2018 against July 2017",
    "incidents_2018": "Incidents, July 2018",
    "incidents_2017": "Incidents, July 2017",
    "incidents_2016": "Incidents, July 2016",
    "grid": "Grid with hot and cold cells, July 2016",
}
#: layers that are ticked when the project opens
SHOWN = {"zones", "hotspots", "density"}
#: side of the part of the force area that the map shows, in metres
MAP_SIDE = 8000.0


@dataclass(frozen=True)
class Story:
    """Results of the tools.

    Attributes
    ----------
    prepared, checked : dict of int to dict
        Results by year.
    found, zones : dict
        Hot spots and patrol zones.
    compared, all_types : dict
        Comparison of the three types, and of all types of crime.
    """

    prepared: dict
    checked: dict
    found: dict
    zones: dict
    compared: dict
    all_types: dict

    def rows(self) -> list[list]:
        """Return the account of the rows by year: read, located, unlocated, other types."""
        names = ("ROWS_IN", "LOCATED", "UNLOCATED_COUNT", "DROPPED")
        return [[f"July {year}", *[result[name] for name in names]] for year, result in self.prepared.items()]

    def sentences(self) -> list[str]:
        """Return what was found, to be read out."""
        total, located, unlocated, dropped = (sum(row[k] for row in self.rows()) for k in range(1, 5))
        return [
            f"The three files hold {total:,} records. {located + unlocated:,} are burglaries, robberies and vehicle "
            f"crimes: {located:,} with a place and {unlocated:,} without one. The other {dropped:,} are of other "
            "types. Every row is accounted for.",
            self.found["SUMMARY"],
            self.zones["SUMMARY"],
            self.compared["SUMMARY"],
            "All types of crime, for comparison: " + self.all_types["SUMMARY"],
        ]

    def limits(self) -> list[str]:
        """Return what the data cannot carry."""
        lost = self.checked[2016]["LOST_TYPES"]
        return [
            "The places are anonymised: each record stands on one of a fixed list of points, mostly the middle of a "
            "street. This is a demonstration, not for deployment.",
            "Dates say the month only. Nothing is known of hours and weekdays, so the zones have no peak hours.",
            "One July is little: a hot spot of one month can be a spree. Two or three years are advised.",
            *([f"Too many records of {lost} have no place for a map to show this type fully."] if lost else []),
            "Recorded is not committed. West Yorkshire Police recorded crime ever more completely in these years, "
            "above all violence, and since April 2018 stalking and harassment are counted beside the crime that goes "
            "with them. Recorded violence rose for that, and all recorded crime with it, whatever happened on the "
            "streets.",
            "The zones were chosen because July 2016 was bad there. Such places look better later by themselves "
            "(regression to the mean): fewer records in them would prove nothing.",
            "Who lives in the zones was not checked: no population was given.",
        ]


def opened(folder: Path, name: str) -> QgsVectorLayer:
    """Open one layer of the results, with the look that it carries."""
    layer = QgsVectorLayer(f"{folder / PACKAGE}|layername={name}", LAYERS[name], "ogr")
    if not layer.isValid():
        raise RuntimeError(f"{name} is missing in {PACKAGE}")
    return layer


def opened_density(folder: Path) -> QgsRasterLayer:
    """Open the density, pale enough to be the ground of the other layers."""
    layer = QgsRasterLayer(str(folder / DENSITY), "Recorded incidents per km², July 2016")
    if not layer.isValid():
        raise RuntimeError(f"{DENSITY} is missing")
    layer.setOpacity(0.6)
    return layer


def style_by_type(layer: QgsVectorLayer) -> None:
    """Draw incidents by type, and keep that in the file."""
    entries = [("Burglary", "#0072b2", "Burglary"), ("Robbery", "#e69f00", "Robbery")]
    style = styling.categories("By type", "ctype", [*entries, ("Vehicle crime", "#009e73", "Vehicle crime")])
    style.apply(layer)
    for symbol in layer.renderer().symbols(QgsRenderContext()):
        symbol.setSize(1.6)
    error = save_style(layer, style.name)
    if error:
        raise RuntimeError(f"the look of {layer.name()} cannot be kept: {error}")


def part_to_show(zones: QgsVectorLayer) -> QgsRectangle:
    """Return the square that holds the most incidents of zones: a map of the whole county shows dots only."""
    centres = [(zone.geometry().centroid().asPoint(), zone["n"]) for zone in zones.getFeatures()]
    half = MAP_SIDE / 2

    def held(middle) -> float:
        return sum(n for p, n in centres if abs(p.x() - middle.x()) < half and abs(p.y() - middle.y()) < half)

    best = max((p for p, _ in centres), key=held)
    near = [p for p, _ in centres if abs(p.x() - best.x()) < half and abs(p.y() - best.y()) < half]
    x = sum(p.x() for p in near) / len(near)
    y = sum(p.y() for p in near) / len(near)
    return QgsRectangle(x - half, y - half, x + half, y + half)


def write_project(folder: Path, layers: dict[str, QgsMapLayer], extent: QgsRectangle) -> None:
    """Write a project beside the layers; its paths are relative, so the folder can be moved."""
    project = QgsProject.instance()
    project.clear()
    project.setCrs(layers["zones"].crs())
    project.setTitle(TITLE)
    project.writeEntryBool("Paths", "/Absolute", False)
    root = project.layerTreeRoot()
    for name, layer in layers.items():
        project.addMapLayer(layer, False)
        node = root.addLayer(layer)
        node.setItemVisibilityChecked(name in SHOWN)
        node.setExpanded(name in SHOWN)
    project.viewSettings().setDefaultViewExtent(QgsReferencedRectangle(extent, layers["zones"].crs()))
    if not project.write(str(folder / PROJECT)):
        raise RuntimeError(f"the project cannot be written: {project.error()}")


def table_of(layer: QgsVectorLayer, wanted: dict[str, str]) -> tuple[list[str], list[list]]:
    """Return header and rows of a layer's fields, as far as it has them."""
    names = [name for name in wanted if layer.fields().indexOf(name) >= 0]
    request = QgsFeatureRequest().setFlags(QgsFeatureRequest.Flag.NoGeometry)
    rows = []
    for feature in layer.getFeatures(request):
        values = [feature[name] for name in names]
        rows.append([None if value is None or str(value) == "NULL" else value for value in values])
    return [wanted[name] for name in names], rows


def write_report(story: Story, folder: Path, layers: dict[str, QgsVectorLayer], picture: bytes) -> None:
    """Write the report that puts the steps together."""
    report = Report(TITLE, "July 2016, 2017 and 2018 · records of West Yorkshire Police · a demonstration")
    for sentence in story.sentences():
        report.sentence(sentence)
    report.warning("Made to show what the tools do, from anonymised places: not for deployment.")
    report.figure(picture, f"Where it gathered in July 2016, and the zones. {demo_data.CREDIT}", "Map of zones")
    report.heading("What these data cannot carry")
    report.bullets(story.limits())
    report.heading("Every row accounted for")
    header = ["File", "Records read", "Three types, located", "Three types, without a place", "Other types"]
    report.table(header, story.rows(), "The last three columns add up to the first.", "rows")
    report.heading("Hot spots")
    wanted = {"rank": "Rank", "n": "Incidents", "area_ha": "Hectares", "top_type": "Commonest type", "places": "Places"}
    wanted |= {"place1_sh": "Share of the busiest place", "stable": "Stable in resampling"}
    report.table(*table_of(layers["hotspots"], wanted), "Hot spots of July 2016.", "hotspots", limit=15)
    report.heading("Patrol zones")
    wanted = {
        "zone_id": "Zone",
        "n": "Incidents",
        "share": "Share",
        "area_ha": "Hectares",
        "hours": "Officer-hours a day",
    }
    report.table(*table_of(layers["zones"], wanted), "Zones, ranked.", "zones")
    report.heading("July 2017 and July 2018 in the zones")
    wanted = {"zone_id": "Zone", "PREV_CNT": "2017", "CUR_CNT": "2018", "DIFF_CNT": "Change", "p_value": "p"}
    report.table(*table_of(layers["change"], wanted | {"chg_class": "In words"}), "", "change")
    report.heading("The single steps")
    report.bullets(sorted(path.name for path in folder.glob("*.html")))
    report.paragraph(demo_data.CREDIT)
    report.write(str(folder / "report.html"))


def draw_map(layers: dict[str, QgsMapLayer], extent: QgsRectangle) -> bytes:
    """Draw zones and hot spots on the density."""
    # Hot spots carry their rank; numbers of zones beside them would be taken for more ranks.
    zones = layers["zones"].clone()
    zones.setLabelsEnabled(False)
    shown = [zones, layers["hotspots"], layers["density"]]
    return map_png(shown, f"{TITLE}, July 2016: the busiest part", True, demo_data.CREDIT, 1400, 900, extent)


def write(story: Story, folder: Path) -> None:
    """Write project, map and report."""
    application = QgsApplication([], False)
    application.initQgis()
    for year in story.prepared:
        # On its own, before anything else is open: writing would close the file to those who read it.
        style_by_type(opened(folder, f"incidents_{year}"))
    layers: dict[str, QgsMapLayer] = {name: opened(folder, name) for name in LAYERS}
    layers["density"] = opened_density(folder)
    extent = part_to_show(layers["zones"])
    picture = draw_map(layers, extent)
    (folder / "map.png").write_bytes(picture)
    write_report(story, folder, layers, picture)
    write_project(folder, layers, extent)
    QgsProject.instance().clear()
    del layers
    application.exitQgis()
