"""Charts for reports, as SVG text: the same input gives the same bytes.

Every function returns None where matplotlib is missing, and ``Report.figure`` then says
so. Colours are safe for the colour blind (Okabe and Ito 2008) and never the only sign.
"""

from __future__ import annotations

import io
import textwrap
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from . import formats

BLUE, ORANGE, GREEN, PURPLE, SKY, RED = "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00"
#: In the order in which series take them.
PALETTE = (BLUE, ORANGE, GREEN, PURPLE, SKY, RED)
INK, SOFT, GRID, GREY = "#1b2430", "#5a6675", "#e2e6ec", "#9aa4b1"
#: Above the line, below the line: apart for every kind of colour vision.
MORE, FEWER = "#b35806", "#2f6fa8"

#: The font that matplotlib itself brings along, so it is there on every machine.
_FONT = "DejaVu Sans"
_STYLE = {
    "font.family": _FONT, "font.size": 10.0, "text.color": INK, "axes.labelcolor": SOFT, "axes.edgecolor": GREY,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
    "axes.titlesize": 11.5, "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 12.0,
    "axes.unicode_minus": True, "grid.color": GRID, "grid.linewidth": 0.8, "xtick.color": SOFT, "ytick.color": SOFT,
    "xtick.labelsize": 9.0, "ytick.labelsize": 9.0, "legend.frameon": False, "legend.fontsize": 9.0,
    # the ids in the file come from the content, not from chance
    "svg.hashsalt": "hotspot",
}
# matplotlib's settings belong to the whole process, and tools run in threads
_LOCK = threading.Lock()


def _draw(width: float, height: float, paint: Callable[[Any, Any], None], texts: Sequence[str]) -> str | None:
    """Let ``paint(figure, axes)`` draw; return the SVG, or None without matplotlib.

    In a thread of Python's own: in one of QGIS, in which tools run, newer compiled parts of matplotlib end the process
    ("non-NULL old thread state", seen with QGIS 3.40, Python 3.13 and matplotlib 3.10).
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(_drawn, width, height, paint, texts).result()


def _drawn(width: float, height: float, paint: Callable[[Any, Any], None], texts: Sequence[str]) -> str | None:
    try:
        import matplotlib
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure
    except ImportError:
        return None
    with _LOCK, matplotlib.rc_context({**_STYLE, "svg.fonttype": _font_type(texts)}):
        # laid out within a fixed width, so that letters are equally large in all charts of a report
        figure = Figure(figsize=(width, height), constrained_layout=True)
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        paint(figure, axes)
        buffer = io.StringIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    return buffer.getvalue()


def _font_type(texts: Sequence[str]) -> str:
    """Letters as shapes look alike everywhere; a script that the font lacks stays text for the browser."""
    from matplotlib import font_manager

    face = font_manager.get_font(font_manager.findfont(_FONT))
    known = all(letter.isspace() or face.get_char_index(ord(letter)) for text in texts for letter in text)
    return "path" if known else "none"


def _plain(text: Any, width: int = 34) -> str:
    """Wrap a label to at most two lines; a dollar sign is a dollar, not mathematics."""
    lines = textwrap.wrap(str(text), width, max_lines=2, placeholder=" …") or [""]
    return "\n".join(lines).replace("$", r"\$")


def _axis_numbers(axis: Any, sign: bool = False) -> None:
    from matplotlib.ticker import FuncFormatter

    def write(value: float, position: int) -> str:
        decimals = len(f"{value:.6g}".partition(".")[2])
        return formats.number(value, decimals, sign)

    axis.set_major_formatter(FuncFormatter(write))


def _name(axes: Any, title: str, x_label: str = "", y_label: str = "") -> None:
    if title:
        axes.set_title(_plain(title, 90))
    if x_label:
        axes.set_xlabel(_plain(x_label, 90), labelpad=8)
    if y_label:
        axes.set_ylabel(_plain(y_label, 60), labelpad=8)


def bar_chart(
    labels: Sequence[str],
    values: Sequence[float],
    title: str = "",
    x_label: str = "",
    *,
    sign: bool = False,
    marked: Sequence[bool] | None = None,
    legend: tuple[str, str] | None = None,
) -> str | None:
    """Draw horizontal bars with their values, the first on top.

    Parameters
    ----------
    labels : (n,) sequence of str
    values : (n,) sequence of float
        Negative ones point to the left, in the colour of "fewer".
    title, x_label : str
    sign : bool
        The values are changes: write a plus before positive ones.
    marked : (n,) sequence of bool, optional
        Bars in full colour; the others are paler. By default all.
    legend : (str, str), optional
        What marked and pale bars mean, in words.

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    values = np.asarray(values, dtype=float)
    strong = np.ones(values.size, dtype=bool) if marked is None else np.asarray(marked, dtype=bool)

    def paint(figure: Any, axes: Any) -> None:
        rows = np.arange(values.size)
        base = np.where(values < 0, FEWER, MORE) if sign else np.full(values.size, BLUE)
        bars = axes.barh(rows, np.nan_to_num(values), height=0.66, color=base)
        for bar, full in zip(bars, strong):
            bar.set_alpha(1.0 if full else 0.38)
        axes.set_yticks(rows, [_plain(label) for label in labels])
        axes.invert_yaxis()
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.axvline(0, color=SOFT, linewidth=1)
        _axis_numbers(axes.xaxis, sign)
        reach = max(float(np.nanmax(np.abs(values))) if values.size else 1.0, 1e-12)
        for row, value in zip(rows, values):
            text = formats.number(int(value) if float(value).is_integer() else value, sign=sign)
            side = "right" if value < 0 else "left"
            axes.text(value + (-0.012 if value < 0 else 0.012) * reach, row, text, ha=side, va="center", fontsize=9)
        axes.margins(x=0.14)
        if legend:
            from matplotlib.patches import Patch

            tone = SOFT if sign else BLUE
            keys = [Patch(color=tone, label=_plain(legend[0], 60))]
            if not strong.all():
                keys.append(Patch(color=tone, alpha=0.38, label=_plain(legend[1], 60)))
            below = -1.5 / max(values.size, 2)
            axes.legend(handles=keys, loc="upper center", bbox_to_anchor=(0.5, below), ncol=2)
        _name(axes, title, x_label)

    texts = [title, x_label, *map(str, labels), *(legend or ())]
    return _draw(8.2, 1.0 + 0.36 * max(values.size, 2), paint, texts)


def histogram_by_month(
    months: np.ndarray,
    counts: Sequence[float],
    title: str = "",
    y_label: str = "",
    *,
    marked: Sequence[bool] | None = None,
    legend: tuple[str, str] | None = None,
) -> str | None:
    """Draw one bar a month; months missing between the first and the last stay empty.

    Parameters
    ----------
    months : (n,) datetime64
        Any day of each month.
    counts : (n,) sequence of float
    title, y_label : str
    marked : (n,) sequence of bool, optional
        Months in the second colour, e.g. those that look incomplete.
    legend : (str, str), optional
        What unmarked and marked bars mean.

    Returns
    -------
    str or None
    """
    month = np.asarray(months, dtype="datetime64[M]").astype(np.int64)
    heights = np.asarray(counts, dtype=float)
    special = np.zeros(month.size, dtype=bool) if marked is None else np.asarray(marked, dtype=bool)

    def paint(figure: Any, axes: Any) -> None:
        usual, other = (_plain(text, 60) for text in legend) if legend else (None, None)
        axes.bar(month[~special], heights[~special], width=0.82, color=BLUE, label=usual)
        if special.any():
            axes.bar(
                month[special], heights[special], width=0.82, color="white", edgecolor=RED, hatch="////", label=other
            )
        if month.size:
            first, last = int(month.min()), int(month.max())
            step = next((s for s in (1, 2, 3, 6, 12, 24, 60, 120) if (last - first) / s <= 13), 240)
            ticks = np.arange(first + (-first) % step if step > 1 else first, last + 1, step)
            texts = [str(np.datetime64(int(tick), "M")) for tick in ticks]
            axes.set_xticks(ticks, [text[:4] if step >= 12 else text for text in texts])
            axes.set_xlim(first - 0.8, last + 0.8)
            if step < 12:
                axes.tick_params(axis="x", labelrotation=35)
                for label in axes.get_xticklabels():
                    label.set_ha("right")
        axes.set_ylim(bottom=0)
        axes.grid(axis="x", visible=False)
        _axis_numbers(axes.yaxis)
        if legend:
            axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=2, borderaxespad=0.1)
        _name(axes, title, "", y_label)
        if legend and title:
            axes.set_title(_plain(title, 90), pad=28)

    return _draw(8.2, 3.2, paint, [title, y_label, *(legend or ())])


def lines(
    series: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    title: str = "",
    x_label: str = "",
    y_label: str = "",
    *,
    band: tuple[Sequence[float], Sequence[float], Sequence[float], str] | None = None,
    steps: bool = False,
) -> str | None:
    """Draw curves that differ in colour and in dash; x may be dates (datetime64).

    Parameters
    ----------
    series : dict
        Name to (x, y).
    title, x_label, y_label : str
    band : (x, low, high, name), optional
        A shaded range, e.g. what chance would give.
    steps : bool
        Draw stairs instead of slopes.

    Returns
    -------
    str or None
    """
    dashes = ("-", (0, (6, 2)), (0, (2, 2)), (0, (7, 2, 2, 2)), (0, (1, 1)), (0, (10, 3)))

    def paint(figure: Any, axes: Any) -> None:
        if band:
            x, low, high, name = band
            axes.fill_between(x, low, high, color=GREY, alpha=0.3, linewidth=0, label=_plain(name, 60))
        for index, (name, (x, y)) in enumerate(series.items()):
            axes.plot(
                x, y, color=PALETTE[index % len(PALETTE)], linestyle=dashes[index % len(dashes)], linewidth=2,
                drawstyle="steps-mid" if steps else "default", label=_plain(name, 60),
            )
        if not any(np.asarray(x).dtype.kind == "M" for x, _ in series.values()):
            _axis_numbers(axes.xaxis)
        _axis_numbers(axes.yaxis)
        if len(series) + bool(band) > 1:
            axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)
        _name(axes, title, x_label, y_label)

    return _draw(8.2, 3.6, paint, [title, x_label, y_label, *series, *([band[3]] if band else [])])


def forest(
    labels: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    title: str = "",
    x_label: str = "",
    *,
    reference: float = 1.0,
    ratio: bool = True,
    note: str = "",
) -> str | None:
    """Draw estimates with their intervals beside a line of "no change".

    Parameters
    ----------
    labels : (n,) sequence of str
    values, low, high : (n,) sequences of float
        An interval that leaves the picture gets an arrow; NaN estimates stay empty rows.
    title, x_label : str
    reference : float
        Where there is no effect.
    ratio : bool
        Logarithmic axis, right for rate ratios.
    note : str
        What the line of reference means, e.g. "no change".

    Returns
    -------
    str or None
    """
    centre, left, right = (np.asarray(numbers, dtype=float) for numbers in (values, low, high))

    def paint(figure: Any, axes: Any) -> None:
        inside = np.concatenate([centre[np.isfinite(centre) & (centre > 0 if ratio else True)], [reference]])
        if ratio:
            spread = max(float(np.max(np.abs(np.log(inside / reference)))), np.log(1.25)) * 1.9
            bounds = reference * np.exp([-spread, spread])
            axes.set_xscale("log")
        else:
            spread = max(float(np.max(np.abs(inside - reference))), 1e-9) * 1.9
            bounds = reference + np.array([-spread, spread])
        axes.set_xlim(*bounds)
        axes.axvline(reference, color=SOFT, linewidth=1.2)
        for row in range(centre.size):
            if not np.isfinite(centre[row]):
                continue
            apart = left[row] > reference or right[row] < reference
            colour = (MORE if centre[row] > reference else FEWER) if apart else SOFT
            start, end = np.clip([np.nan_to_num(left[row]), np.nan_to_num(right[row], posinf=bounds[1])], *bounds)
            axes.plot([start, end], [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
            if left[row] < bounds[0]:
                axes.plot([bounds[0]], [row], marker="<", color=colour, markersize=6, clip_on=False)
            if right[row] > bounds[1]:
                axes.plot([bounds[1]], [row], marker=">", color=colour, markersize=6, clip_on=False)
            if bounds[0] <= centre[row] <= bounds[1]:
                axes.plot([centre[row]], [row], marker="s" if apart else "o", color=colour, markersize=7)
        axes.set_yticks(np.arange(centre.size), [_plain(label) for label in labels])
        axes.set_ylim(centre.size - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if ratio:
            _ratio_ticks(axes, bounds)
        else:
            _axis_numbers(axes.xaxis)
        if note:
            axes.annotate(_plain(note, 40), (reference, -0.6), xytext=(0, 3), textcoords="offset points",
                          ha="center", va="bottom", fontsize=9, color=SOFT)
        _name(axes, title, x_label)
        if note and title:
            axes.set_title(_plain(title, 90), pad=24)

    return _draw(8.2, 1.1 + 0.4 * max(centre.size, 2), paint, [title, x_label, note, *map(str, labels)])


def _ratio_ticks(axes: Any, bounds: np.ndarray) -> None:
    """Ticks at round ratios, written as plain numbers."""
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    choices = (
        [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.4, 1.6, 2],
        [0.2, 0.25, 1 / 3, 0.5, 0.7, 1, 1.5, 2, 3, 4, 5],
        [10.0**power for power in range(-6, 7)],
    )
    fitting = [[t for t in ticks if bounds[0] <= t <= bounds[1]] for ticks in choices]
    ticks = fitting[0] if bounds[1] <= 2.2 else fitting[1] if bounds[1] <= 8 else fitting[2]
    axes.xaxis.set_major_locator(FixedLocator(ticks))
    texts = [formats.number(float(f"{tick:.2g}"), 2 if tick < 1 else 1) for tick in ticks]
    axes.xaxis.set_major_formatter(FixedFormatter(texts))
    axes.xaxis.set_minor_locator(NullLocator())


def paired_dots(
    labels: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    names: tuple[str, str],
    title: str = "",
    x_label: str = "",
) -> str | None:
    """Draw two values a row, joined: hollow before, full after.

    Parameters
    ----------
    labels : (n,) sequence of str
    before, after : (n,) sequences of float
    names : (str, str)
        What the two stand for, in the legend.
    title, x_label : str

    Returns
    -------
    str or None
    """
    first, second = np.asarray(before, dtype=float), np.asarray(after, dtype=float)

    def paint(figure: Any, axes: Any) -> None:
        rows = np.arange(first.size)
        axes.hlines(rows, first, second, color=np.where(second > first, MORE, FEWER), linewidth=2.4, zorder=2)
        axes.plot(first, rows, "o", color="white", markeredgecolor=INK, markeredgewidth=1.5, markersize=7.5,
                  label=_plain(names[0], 60), zorder=3)
        axes.plot(second, rows, "o", color=INK, markersize=7.5, label=_plain(names[1], 60), zorder=4)
        axes.set_yticks(rows, [_plain(label) for label in labels])
        axes.set_ylim(first.size - 0.4, -0.6)
        axes.set_xlim(left=min(0.0, float(np.nanmin(np.r_[first, second, 0]))))
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        axes.margins(x=0.06)
        _axis_numbers(axes.xaxis)
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=2, borderaxespad=0.2)
        _name(axes, "", x_label)
        if title:
            axes.set_title(_plain(title, 90), pad=30)

    return _draw(8.2, 1.2 + 0.36 * max(first.size, 2), paint, [title, x_label, *names, *map(str, labels)])


def week_hours(
    week: np.ndarray,
    days: Sequence[str],
    names: tuple[str, str],
    y_label: str = "",
    *,
    usual: Sequence[float] | None = None,
    height: float = 4.0,
) -> str | None:
    """Draw the hours of the day as bars, and under them the hours of each day of the week as shades.

    Parameters
    ----------
    week : (7, 24) array
        Incidents by day and hour.
    days : (7,) sequence of str
        Names of the days in the order of the rows.
    names : (str, str)
        What the bars and the line of ``usual`` stand for.
    y_label : str
        Of the bars, which are per cent of all.
    usual : (24,) sequence of float, optional
        Shares (0 to 1) of the hours elsewhere, drawn as a line.
    height : float
        Inches.

    Returns
    -------
    str or None
    """
    table = np.asarray(week, dtype=float)
    total = max(float(table.sum()), 1e-12)

    def paint(figure: Any, axes: Any) -> None:
        axes.remove()
        top, below = figure.subplots(2, 1, sharex=True, gridspec_kw={"height_ratios": (1.0, 1.15)})
        hours = np.arange(24)
        top.bar(hours + 0.5, 100.0 * table.sum(axis=0) / total, width=0.86, color=BLUE, label=_plain(names[0], 40))
        if usual is not None:
            top.stairs(100.0 * np.asarray(usual, dtype=float), np.arange(25), color=INK, linewidth=1.8,
                       label=_plain(names[1], 40), baseline=None)
        top.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncol=2, borderaxespad=0.1)
        top.set_ylabel(_plain(y_label, 40))
        top.set_ylim(bottom=0)
        top.grid(axis="x", visible=False)
        _axis_numbers(top.yaxis)
        most = max(float(table.max()), 1e-12)
        below.pcolormesh(np.arange(25), np.arange(8), table, cmap="Blues", vmin=0.0, vmax=most, edgecolors="white",
                         linewidth=0.6)
        below.set_yticks(np.arange(7) + 0.5, [_plain(day, 12) for day in days])
        below.invert_yaxis()
        below.set_xticks(np.arange(0, 25, 3), [f"{hour:02d}" for hour in range(0, 25, 3)])
        below.grid(visible=False)
        below.tick_params(length=0)
        for side in below.spines.values():
            side.set_visible(False)

    return _draw(6.0, height, paint, [y_label, *names, *map(str, days)])
