"""The gallery of the dock: which pictures stand in the documentation, and what is to be seen in them."""

from __future__ import annotations

import json
from pathlib import Path

from PIL import Image

_PRACTICE = "opening first_map compare evaluate report answer problems"
#: look -> chapters
LOOKS = {"": f"{_PRACTICE} questions real bring trouble", "dark": _PRACTICE, "mirrored": _PRACTICE,
         "large": "opening first_map compare"}
#: section, then folder, picture, heading, what is to be seen
PICTURES = [
    ("The first map", "light", "start-empty", "An empty project",
     "QGIS with an empty project; the dock on the right offers practice data, your own incidents, or a case file."),
    ("The first map", "light", "practice-ready", "Practice data, one click later",
     "The invented town with its incidents on the map; the dock says that it is ready and offers to find hot spots."),
    ("The first map", "light", "hotspots", "Hot spots, two clicks later",
     "Four outlined hot spots on a grid of hot and cold cells; the dock tells the finding in a sentence, with its"
     " doubt, and what to do next."),
    ("Compare periods", "light", "compare-weeks-320", "Two periods over the incidents by week",
     "The page Compare at 320 pixels: incidents, date, and a weekly chart with the periods before and after."),
    ("Compare periods", "light", "real-compare-result", "Vancouver, 2023: two seasons compared",
     "The map of Vancouver with its hot spots compared; the dock tells the change, its interval, and that chance and"
     " regression to the mean explain what happened in the hot spots."),
    ("Compare periods", "light", "evaluate-320", "What a careful analyst asks next",
     "Five questions below a comparison: what was done, compared with what, could it have moved, how sure are we,"
     " what do residents say."),
    ("Compare periods", "light", "questions-moved", "Could it have moved?",
     "The third question answered: fewer incidents where something was done; together with next door it could be"
     " chance. An interval is drawn, and what to doubt is said."),
    ("Compare periods", "light", "questions-sure", "How sure are we?",
     "The fourth question: two ways of asking agree on fewer incidents; both intervals lie below no change."),
    ("What residents say", "light", "report-form-320", "A concern is written down",
     "After the click on the map: a button for each subject, five for how worried the person is, and two to save."),
    ("What residents say", "light", "answer-320", "The newest report, answered",
     "A list of reports with one chosen, an answer typed below it, and buttons for what became of it."),
    ("What residents say", "light", "community-map", "120 imported reports, and too few voices to show",
     "Vancouver's compared areas all marked 'Too few voices'; the dock tells how worried 120 invented reports are on"
     " the whole, and that nothing is told of fewer than 5 voices."),
    ("Problems and actions", "light", "problems-list", "Hot spots become problems",
     "The practice town and, in the dock, the register with four new problems, each with stage, owner and due day."),
    ("Problems and actions", "light", "problems-one-320", "One problem",
     "A problem opened: its stage, what it is, and its actions."),
    ("Problems and actions", "light", "sheet-done-320", "The meeting sheet",
     "The sheet is ready: buttons show it, print it, and tell what was held back."),
    ("When something is missing or wrong", "light", "working-320", "At work",
     "A card with a progress bar and a button Cancel while the practice town is made."),
    ("When something is missing or wrong", "light", "problem-320", "A refusal that says what to do",
     "A card: only 2 incidents are left to look at, a hot spot needs at least 5, and three ways out."),
    ("When something is missing or wrong", "light", "problems-nothing-320", "No case file yet",
     "The page Actions of an empty project says what a case file is, and offers to make or open one."),
    ("When something is missing or wrong", "light", "community-locked-320", "Somebody else holds the case file",
     "The page Residents with a locked file: it says so at once, and offers to try again."),
    ("Dark, mirrored, large", "dark", "hotspots", "QGIS's theme Night Mapping",
     "The practice town in the dark theme; cards and letters of the dock are light on dark."),
    ("Dark, mirrored, large", "dark", "compare-weeks-320", "Dark, at 320 pixels",
     "The weekly chart in the dark theme, periods in light blue and light orange."),
    ("Dark, mirrored, large", "mirrored", "problems-list-320", "From right to left",
     "The register of problems mirrored, as in Arabic or Hebrew."),
    ("Dark, mirrored, large", "large", "hotspots-320", "Letters half as large again",
     "The start page at 320 pixels with a font of 150 %: texts and buttons wrap, nothing is cut off."),
]


def write(pictures: Path, docs: Path) -> None:
    """Put the choice into the documentation, small, with its page."""
    target = docs / "images" / "dock"
    target.mkdir(parents=True, exist_ok=True)
    for left in target.glob("*.png"):
        left.unlink()
    told = json.loads((pictures / "dock-light" / "session.json").read_text(encoding="utf-8"))
    lines = ["# The dock in pictures", "", "Taken from the real desktop of QGIS by `make screenshots ARGS=--gallery`,"
             " by clicks on real widgets. The practice town is", "invented; the crimes of Vancouver are the city's open"
             " data.", "", "A first day, as `tests/plugin/test_dock_desktop.py` clicks through it; each click, drag,"
             " key and turn of the wheel", "counts:", "", "| from | to | actions | at most | seconds |",
             "|---|---|---|---|---|"]
    for begin, end, key, limit in (
        ("an empty project", "a hot spot map on practice data", "hot spots", 6),
        ("there", "two periods compared", "compare", 8),
        ("there", "a resident's concern in the case file", "report", 5),
    ):
        lines.append(f"| {begin} | {end} | {told[key]['count']} | {limit} | {told[key]['seconds']} |")
    lines += ["", "The seconds are those of a machine with two cores, the pauses for the pictures among them. The dock"
              f" opens in {told['opened']['clock']} ms.", ""]
    section = ""
    for part, look, name, heading, alt in PICTURES:
        if part != section:
            lines += [f"## {part}", ""]
            section = part
        file = f"{look}-{name}.png"
        _small(pictures / f"dock-{look}" / f"{name}.png", target / file)
        lines += [f"### {heading}", f"![{alt}](images/dock/{file})", ""]
    (docs / "dock-gallery.md").write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _small(source: Path, target: Path) -> None:
    """Write a picture; a whole window with a palette in which areas and legends keep their colours exactly."""
    with Image.open(source) as opened:
        picture = opened.convert("RGB")
    if picture.width > 1000:
        counted = sorted(picture.getcolors(picture.width * picture.height), reverse=True)
        rest = Image.new("RGB", (len(counted) - 160, 1))
        rest.putdata([colour for _, colour in counted[160:]])
        cut = rest.quantize(96, method=Image.Quantize.MEDIANCUT).getpalette()[:3 * 96]
        palette = Image.new("P", (1, 1))
        palette.putpalette([value for _, colour in counted[:160] for value in colour] + cut)
        picture = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    picture.save(target, optimize=True)
