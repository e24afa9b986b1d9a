"""The main job on real data, from three files of an agency to hot spots, patrol zones and a comparison.

Every step is a tool of the plugin run by ``qgis_process``, as a user would from a command line; the results are left
in ``demo-output/``.
"""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from scripts import demo_data, demo_story  # noqa: E402
from scripts.demo_tools import ToolFailed, enable_plugin, layer, run, table  # noqa: E402

OUT = ROOT / "demo-output"
WORK = ROOT / ".cache" / "demo"
TYPES = ("Burglary", "Robbery", "Vehicle crime")


#: What an analyst of this force would write under a comparison.
NOTES = (
    "West Yorkshire recorded crime more completely in 2018 than before, above all violence (inspectorate, 2018); since "
    "April 2018 stalking and harassment are counted beside the crime that goes with them."
)


def prepare(files: dict[int, Path], place: Path, types: tuple[str, ...] = ()) -> dict[int, dict]:
    """Bring the files into the one schema; the mapping of the first is used for the others.

    Without ``types`` all records are kept, and there is no report.

    Raises
    ------
    ToolFailed
        If the rows of a file do not add up.
    """
    mapping = OUT / "mapping.json" if types else place.with_suffix(".json")
    mapping.unlink(missing_ok=True)
    results = {}
    for year, path in files.items():
        known = {"MAPPING": mapping} if mapping.exists() else {"SAVE_MAPPING": mapping}
        found = run(
            "hotspot:prepareincidents",
            INPUT=path,
            TYPES=";".join(types) or None,
            **known,
            OUTPUT=table(place, f"prepared_{year}"),
            UNLOCATED=table(place, f"unlocated_{year}"),
            REPORT=OUT / f"prepare-{year}.html" if types else None,
        )
        whole = sum(found[name] for name in ("LOCATED", "UNLOCATED_COUNT", "MERGED", "DROPPED"))
        if not found["ROWS_IN"] == whole == demo_data.ROWS[year]:
            raise ToolFailed(f"The rows of {path.name} do not add up: {found}")
        results[year] = found
    return results


def check(year: int, work: Path, package: Path) -> dict:
    """See what would mislead in one month; the rows go on with what was found in them."""
    return run(
        "hotspot:checkincidents",
        INPUT=layer(work, f"prepared_{year}"),
        UNLOCATED=layer(work, f"unlocated_{year}"),
        AS_OF=f"{year}-07-31",
        OUTPUT=table(package, f"incidents_{year}"),
        REPORT=OUT / f"check-{year}.html",
    )


def compare(before: tuple[str, str], after: tuple[str, str], package: Path, **outputs: object) -> dict:
    """Compare July 2017 with July 2018 in the zones and in the whole area."""
    return run(
        "hotspot:compareperiods",
        INCIDENTS=before[0],
        UNLOCATED=before[1],
        AFTER_INCIDENTS=after[0],
        AFTER_UNLOCATED=after[1],
        AREAS=layer(package, "zones"),
        NAME_FIELD="zone_id",
        BEFORE_START="2017-07-01",
        BEFORE_END="2017-07-31",
        AFTER_START="2018-07-01",
        AFTER_END="2018-07-31",
        SELECTED_ON=3,  # the zones were chosen for their many incidents at another time
        NOTES=NOTES,
        **outputs,
    )


def main_job(files: dict[int, Path]) -> demo_story.Story:
    """Prepare, check, find, plan, compare."""
    work, everything, package = WORK / "work.gpkg", WORK / "all-types.gpkg", OUT / demo_story.PACKAGE
    for path in (work, everything):
        path.unlink(missing_ok=True)
    print("Preparing three files of data.police.uk")
    prepared = prepare(files, work, TYPES)
    print("Checking what is in them")
    checked = {year: check(year, work, package) for year in files}
    usable = {year: layer(package, f"incidents_{year}", "qc_ok") for year in files}

    print("Finding hot spots of July 2016, scored on July 2017")
    found = run(
        "hotspot:findhotspots",
        INPUT=usable[2016],
        TEST_INCIDENTS=usable[2017],
        OUTPUT=table(package, "grid"),
        HOTSPOTS=table(package, "hotspots"),
        REPORT=OUT / "hotspots.html",
    )
    run(
        "hotspot:kerneldensity",
        INPUT=usable[2016],
        BANDWIDTH=500,  # the ground of a map of a city, not of a street
        OUTPUT=OUT / demo_story.DENSITY,
    )
    print("Planning patrol zones")
    zones = run(
        "hotspot:patrolzones",
        INPUT=layer(package, "hotspots"),
        INCIDENTS=usable[2016],
        OUTPUT=table(package, "zones"),
        REPORT=OUT / "zones.html",
    )
    print("Comparing July 2017 with July 2018, in those places and in the force area")
    compared = compare(
        *[(layer(work, f"prepared_{year}"), layer(work, f"unlocated_{year}")) for year in (2017, 2018)],
        package,
        OUTPUT=table(package, "change"),
        REPORT=OUT / "change.html",
    )
    print("The same for all types of crime")
    prepare({year: files[year] for year in (2017, 2018)}, everything)
    all_types = compare(
        *[(layer(everything, f"prepared_{year}"), layer(everything, f"unlocated_{year}")) for year in (2017, 2018)],
        package,
        OUTPUT=table(everything, "change"),
        REPORT=OUT / "change-all-types.html",
    )
    return demo_story.Story(prepared, checked, found, zones, compared, all_types)


def main() -> int:
    """Run the demonstration; say what it found, and what the data cannot carry."""
    try:
        files = demo_data.extract(demo_data.fetch(WORK), WORK)
    except demo_data.NoData as reason:
        print(f"ERROR: {reason}", file=sys.stderr)
        return 1
    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir()
    try:
        enable_plugin()
        story = main_job(files)
    except ToolFailed as reason:
        print(f"ERROR: {reason}", file=sys.stderr)
        return 1
    demo_story.write(story, OUT)
    print()
    for sentence in story.sentences():
        print(textwrap.fill(sentence, 100))
    print("\nWhat these data cannot carry:")
    for sentence in story.limits():
        print(textwrap.fill(sentence, 100, initial_indent="- ", subsequent_indent="  "))
    print(f"\n{textwrap.fill(demo_data.CREDIT, 100)}\n\nIn {os.path.relpath(OUT)}/:")
    for name, what in demo_story.FILES.items():
        print(f"  {name:22} {what}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
