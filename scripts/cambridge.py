"""CPTED of a whole town from its open layers: scored streets, measures within a budget, and reports.

    make cpted                            layers in ../shared/data, results in cpted-output/
    make cpted ARGS="--data FOLDER"       layers elsewhere

Every step is a tool run by ``qgis_process``. Each takes the streets from the step before and adds its fields, so that
the last layer has all of them. Then the profile that scored Cambridge, copied out as a file, is used on Vancouver.
"""

from __future__ import annotations

import argparse
import csv
import os
import shutil
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts.demo_tools import ToolFailed, enable_plugin, layer, run  # noqa: E402

OUT = ROOT / "cpted-output"
DATA = Path(os.environ.get("HOTSPOT_SHARED", ROOT.parent / "shared")) / "data"
#: Places with people about, as far as the city's open layers hold them; shops are not among them.
ACTIVE = ("public_schools", "private_schools", "day_care", "youth_centers", "libraries", "elderly_facilities",
          "playgrounds")
#: The profile used, copied out: the same file scores the second city.
PROFILE = "residential_street.csv"
#: Share of the profile's weights from which a street is scored. The tool's own 0.6 scores no street of Cambridge.
LEAST = 0.25
#: Stands for crimes, of which there are no data: one a year in every 100 m, so that every metre counts alike. (One in
#: every street would put all lamps into the shortest streets.)
STAND_IN = "stand-in for vandalism"
BUDGET = 300
#: Invented for this run: lower and upper cost in units of nothing. With real costs the choice is another.
COSTS = {"better_lighting": (1, 2), "trim_plants": (1, 2), "windows_to_street": (20, 60), "cctv_street": (5, 15),
         "door_locks": (1, 2), "mark_boundary": (3, 6), "front_gardens": (2, 5), "benches_events": (2, 8)}
INVENTED = "made-up units, not money: invented to show how the choice works"


def cambridge(package: Path, out: Path, show: bool = True) -> dict:
    """Light, overlooking, access, boundaries, score and measures of every street; returns each tool's results."""
    def city(name: str) -> str:
        return layer(package, name)

    steps = {}
    steps["Street lighting"] = run(
        "hotspot:lightingcoverage", show,
        INPUT=city("street_lights"),
        OTHER_LIGHTS=city("street_lights_not_city"),
        PARK_LIGHTS=city("park_lights"),
        TYPE_FIELD="FixtureType",
        LAMPS_FIELD="NumLamps",
        STREETS=city("street_centerlines"),
        NAME_FIELD="Street",
        OUTPUT=out / "light.tif",
        SEGMENTS=out / "lit.gpkg",
        GAPS=out / "dark-gaps.gpkg",
        REPORT=out / "1-light.html",
    )
    run("native:mergevectorlayers", show, LAYERS=[city(name) for name in ACTIVE], OUTPUT=out / "active_places.gpkg")
    for name in ("bus_shelters", "subway_entrances"):
        run("native:centroids", show, INPUT=city(name), OUTPUT=out / f"{name}.gpkg")
    run("native:mergevectorlayers", show, LAYERS=[out / "bus_shelters.gpkg", out / "subway_entrances.gpkg"],
        OUTPUT=out / "transit.gpkg")
    # Not handed on to the score: without windows nearly every street would seem overlooked by nobody.
    steps["Overlooked streets"] = run(
        "hotspot:naturalsurveillance", show,
        INPUT=out / "lit.gpkg",
        NAME_FIELD="Street",
        ACTIVE=out / "active_places.gpkg",
        OBSTACLES=city("walls"),
        MORE_OBSTACLES=city("fences"),
        LUX=out / "light.tif",
        OUTPUT=out / "overlooked.gpkg",
        REPORT=out / "2-overlooked.html",
    )
    fences = {"BARRIERS": city("fences"), "MORE_BARRIERS": city("walls")}
    steps["Street permeability"] = run(
        "hotspot:accesscontrol", show,
        INPUT=out / "lit.gpkg",
        BOUNDARY=city("city_boundary"),
        **fences,
        OUTPUT=out / "permeable.gpkg",
        REPORT=out / "3-permeability.html",
    )
    steps["Frontage and boundaries"] = run(
        "hotspot:territoriality", show,
        INPUT=out / "permeable.gpkg",
        **fences,
        OUTPUT=out / "streets.gpkg",
        REPORT=out / "4-boundaries.html",
    )
    steps["Score CPTED"] = run(
        "hotspot:cptedscore", show,
        INPUT=out / "streets.gpkg",
        PROFILE=1,  # residential street
        LAYERS=[out / "active_places.gpkg", out / "transit.gpkg"],
        NAME_FIELD="Street",
        MIN_MEASURED=LEAST,
        OUTPUT=out / "scored.gpkg",
        INDICATORS=out / "indicators.gpkg",
        COPY=out / PROFILE,
        REPORT=out / "5-score.html",
    )
    run("native:fieldcalculator", show, INPUT=out / "scored.gpkg", FIELD_NAME=STAND_IN, FIELD_TYPE=0,
        FORMULA='"street_m" / 100', OUTPUT=out / "scored-stand-in.gpkg")
    write_costs(out / "costs-made-up.csv")
    steps["CPTED measures and budget"] = run(
        "hotspot:cptedmeasures", show,
        INPUT=out / "scored-stand-in.gpkg",
        PLACE_KIND=1,  # residential streets
        COUNT_FIELDS=STAND_IN,
        YEARS=1,
        NAME_FIELD="Street",
        BUDGET=BUDGET,
        COSTS=out / "costs-made-up.csv",
        OUTPUT=out / "measures.gpkg",
        PROPOSALS=out / "proposals.csv",
        REPORT=out / "6-measures.html",
    )
    return steps


def write_costs(path: Path) -> None:
    """Write the invented costs, marked as such in every row."""
    with open(path, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(("measure", "cost_low", "cost_high", "unit"))
        writer.writerows((measure, low, high, INVENTED) for measure, (low, high) in COSTS.items())


def vancouver(package: Path, profile: Path, out: Path, show: bool = True) -> dict:
    """Use the same profile file on cells of another city, by the same least share measured and by a low one."""
    cells = out / "vancouver-cells.gpkg"
    run("hotspot:analysisgrid", show, INPUT=layer(package, "neighbourhoods"), CELL_SIZE=250, OUTPUT=cells)
    run("native:savefeatures", show, INPUT=layer(package, "graffiti"), OUTPUT=out / "graffiti.gpkg")
    given = {"INPUT": cells, "PROFILE": 0, "PROFILE_FILE": profile, "LAYERS": out / "graffiti.gpkg",
             "NAME_FIELD": "cell_id"}
    steps = {}
    steps["Vancouver, limit of Cambridge"] = run(
        "hotspot:cptedscore", show, **given, MIN_MEASURED=LEAST, OUTPUT=out / "vancouver-strict.gpkg")
    steps["Vancouver, low limit"] = run(
        "hotspot:cptedscore", show, **given, MIN_MEASURED=0.03, OUTPUT=out / "vancouver-scored.gpkg",
        REPORT=out / "7-vancouver.html")
    return steps


def main(words: list[str]) -> int:
    """Run both cities, and print every sentence and every warning."""
    parser = argparse.ArgumentParser(description="CPTED of Cambridge, and its profile on Vancouver")
    parser.add_argument("--data", type=Path, default=DATA, help="folder with cambridge_ma/ and vancouver/")
    data = parser.parse_args(words).data
    packages = [data / "cambridge_ma" / "cambridge_ma.gpkg", data / "vancouver" / "vancouver.gpkg"]
    absent = [str(path) for path in packages if not path.exists()]
    if absent:
        print(f"ERROR: there is no {' and no '.join(absent)}; say where with --data", file=sys.stderr)
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    try:
        enable_plugin()
        print("Cambridge")
        results = cambridge(packages[0], OUT)
        print("Vancouver, by the same profile")
        results.update(vancouver(packages[1], OUT / PROFILE, OUT))
    except ToolFailed as reason:
        print(f"ERROR: {reason}", file=sys.stderr)
        return 1
    for name, found in results.items():
        print()
        print(textwrap.fill(f"{name}: {found['SUMMARY']}", 100))
        for warning in found["WARNINGS"]:
            print(textwrap.fill(warning, 100, initial_indent="- ", subsequent_indent="  "))
    print(f"\nReports and layers are in {os.path.relpath(OUT)}/")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
