"""Charts of surveys: answers as bars that part at the middle of the scale, and estimates with their intervals."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from . import charts, formats

#: from the middle outwards; apart for every kind of colour vision, and in grey print by their depth
_LOW, _MIDDLE, _HIGH = ((253, 208, 162), (166, 54, 3)), (217, 221, 227), ((189, 215, 231), (8, 81, 156))
#: share from which a part has room for its number
_ROOM = 0.055


def _blend(ends: tuple, depth: float) -> str:
    pale, full = np.array(ends[0], float), np.array(ends[1], float)
    return "#" + "".join(f"{int(round(v)):02x}" for v in pale + depth * (full - pale))


def colours(values: Sequence[float]) -> list[str]:
    """Return the colours of the answers of a scale.

    Parameters
    ----------
    values : (k,) sequence of float
        Ascending; those under the middle of the scale are warm, those above it cold, the middle itself is grey.
    """
    marks = np.asarray(values, dtype=float)
    middle, half = (marks.min() + marks.max()) / 2, max((marks.max() - marks.min()) / 2, 1e-12)
    sides = [np.sort(np.abs(marks[marks < middle] - middle)), np.sort(marks[marks > middle] - middle)]
    out = []
    for mark in marks:
        side = sides[0] if mark < middle else sides[1]
        if abs(mark - middle) < 1e-9 * half:
            out.append("#" + "".join(f"{v:02x}" for v in _MIDDLE))
            continue
        place = np.searchsorted(side, abs(mark - middle)) / max(len(side) - 1, 1) if len(side) > 1 else 0.75
        out.append(_blend(_LOW if mark < middle else _HIGH, float(place)))
    return out


def likert(
    labels: Sequence[str], shares: np.ndarray, values: Sequence[float], answers: Sequence[str], x_label: str = "",
) -> str | None:
    """Draw one bar a row, parted at the middle of the scale, with the shares written on it.

    Parameters
    ----------
    labels : (n,) sequence of str
    shares : (n, k) array
        Of each answer, 0 to 1; rows with NaN stay empty.
    values : (k,) sequence of float
        Marks of the answers, ascending.
    answers : (k,) sequence of str
        In the legend.
    x_label : str

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    table, marks = np.asarray(shares, dtype=float), np.asarray(values, dtype=float)
    middle = (marks.min() + marks.max()) / 2
    under, at = marks < middle, np.isclose(marks, middle)
    tones = colours(marks)

    def paint(figure: Any, axes: Any) -> None:
        from matplotlib.patches import Patch

        for row, parts in enumerate(table):
            if not np.isfinite(parts).all():
                continue
            left = -(parts[under].sum() + parts[at].sum() / 2)
            for part, tone in zip(parts, tones):
                axes.barh(row, 100 * part, left=100 * left, height=0.7, color=tone, edgecolor="white", linewidth=0.7)
                if part >= _ROOM:
                    depth = sum(int(tone[i : i + 2], 16) * w for i, w in ((1, 0.3), (3, 0.59), (5, 0.11)))
                    axes.text(100 * (left + part / 2), row, formats.number(100 * part, 0), ha="center", va="center",
                              fontsize=9, color="white" if depth < 140 else charts.INK)
                left += part
        axes.axvline(0, color=charts.SOFT, linewidth=1.0, zorder=0.5)
        axes.set_yticks(np.arange(len(table)), [charts._plain(label) for label in labels])
        axes.set_ylim(len(table) - 0.45, -0.55)
        reach = np.nanmax(np.abs(np.r_[axes.get_xlim(), 10.0]))
        axes.set_xlim(-reach, reach)
        from matplotlib.ticker import FuncFormatter

        axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: formats.number(abs(value), 0)))
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        keys = [Patch(color=tone, label=charts._plain(answer, 26)) for tone, answer in zip(tones, answers)]
        axes.legend(handles=keys, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=min(len(keys), 6),
                    borderaxespad=0.3, handlelength=1.1, columnspacing=1.2)
        charts._name(axes, "", x_label)

    texts = [x_label, *map(str, labels), *map(str, answers)]
    return charts._draw(8.2, 1.25 + 0.38 * max(len(table), 2) + 0.2 * (len(answers) > 6), paint, texts)


def intervals(
    labels: Sequence[str], values: Sequence[float], low: Sequence[float], high: Sequence[float], side: Sequence[int],
    reference: float, note: str, texts: Sequence[str], limits: tuple[float, float], x_label: str = "",
) -> str | None:
    """Draw estimates as dots with their intervals and their values, beside the value of all.

    Parameters
    ----------
    labels : (n,) sequence of str
    values, low, high : (n,) sequences of float
    side : (n,) sequence of int
        1 above and -1 below the others beyond chance, drawn in colour and as a square; 0 for neither.
    reference : float
        Value of all.
    note : str
        What it is.
    texts : (n,) sequence of str
        The values as written at the right.
    limits : (float, float)
        Least and greatest value that there can be.
    x_label : str

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    centre, left, right = (np.asarray(numbers, dtype=float) for numbers in (values, low, high))
    signs, span = np.asarray(side), limits[1] - limits[0]

    def paint(figure: Any, axes: Any) -> None:
        ends = np.r_[left, right, reference]
        air = max(0.06 * (np.nanmax(ends) - np.nanmin(ends)), 0.01 * span)
        axes.set_xlim(max(limits[0] - 0.01 * span, np.nanmin(ends) - air),
                      min(limits[1] + 0.01 * span, np.nanmax(ends) + air))
        axes.axvline(reference, color=charts.SOFT, linewidth=1.2)
        for row in range(len(centre)):
            colour = {1: charts.BLUE, -1: charts.MORE}.get(int(signs[row]), charts.SOFT)
            axes.plot([left[row], right[row]], [row, row], color=colour, linewidth=2.2, solid_capstyle="butt")
            axes.plot([centre[row]], [row], marker="s" if signs[row] else "o", color=colour, markersize=7)
            axes.annotate(charts._plain(texts[row]), (1.0, row), xycoords=("axes fraction", "data"), xytext=(8, 0),
                          textcoords="offset points", va="center", fontsize=9, color=charts.INK)
        axes.set_yticks(np.arange(len(centre)), [charts._plain(label) for label in labels])
        axes.set_ylim(len(centre) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        charts._axis_numbers(axes.xaxis)
        axes.annotate(charts._plain(note, 40), (reference, -0.6), xytext=(0, 3), textcoords="offset points",
                      ha="center", va="bottom", fontsize=9, color=charts.SOFT)
        charts._name(axes, "", x_label)

    words = [x_label, note, *map(str, labels), *map(str, texts)]
    return charts._draw(8.2, 1.0 + 0.34 * max(len(centre), 2), paint, words)


def before_after(
    labels: Sequence[str], before: np.ndarray, after: np.ndarray, texts: Sequence[str], strong: Sequence[bool],
    names: tuple[str, str], limits: tuple[float, float], x_label: str = "", rules: Sequence[int] = (),
) -> str | None:
    """Draw two moments a row with their intervals, and what lies between them.

    Parameters
    ----------
    labels : (n,) sequence of str
    before, after : (n, 3) arrays
        Estimate, lower and upper end of its interval; a row of NaN stays empty.
    texts : (n,) sequence of str
        What is written at the right.
    strong : (n,) sequence of bool
        Rows in colour, such as the treated ones.
    names : (str, str)
        Of the moments, in the legend.
    limits : (float, float)
        Least and greatest value that there can be.
    x_label : str
    rules : sequence of int
        Rows above which a thin line is drawn.

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    first, then = np.asarray(before, dtype=float), np.asarray(after, dtype=float)

    def paint(figure: Any, axes: Any) -> None:
        from matplotlib.lines import Line2D

        ends, span = np.concatenate([first.ravel(), then.ravel()]), limits[1] - limits[0]
        if np.isfinite(ends).any():
            air = max(0.05 * (np.nanmax(ends) - np.nanmin(ends)), 0.01 * span)
            axes.set_xlim(max(limits[0] - 0.01 * span, np.nanmin(ends) - air),
                          min(limits[1] + 0.01 * span, np.nanmax(ends) + air))
        for row in range(len(first)):
            if not (np.isfinite(first[row, 0]) and np.isfinite(then[row, 0])):
                continue
            colour = charts.BLUE if strong[row] else charts.SOFT
            for at, (value, low, high), fill in ((row - 0.14, first[row], "white"), (row + 0.14, then[row], colour)):
                axes.plot([low, high], [at, at], color=colour, linewidth=1.4, solid_capstyle="butt", alpha=0.55)
                axes.plot([value], [at], marker="o", color=colour, markerfacecolor=fill, markersize=7.5,
                          markeredgewidth=1.6, zorder=3)
            axes.annotate("", (then[row, 0], row + 0.14), (first[row, 0], row - 0.14), zorder=2,
                          arrowprops={"arrowstyle": "-", "color": colour, "linewidth": 1.2, "alpha": 0.8})
        for row, text in enumerate(texts):
            axes.annotate(charts._plain(text), (1.0, row), xycoords=("axes fraction", "data"), xytext=(8, 0),
                          textcoords="offset points", va="center", fontsize=9, color=charts.INK)
        for row in rules:
            axes.axhline(row - 0.5, color=charts.GRID, linewidth=1.0)
        axes.set_yticks(np.arange(len(first)), [charts._plain(label) for label in labels])
        axes.set_ylim(len(first) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        charts._axis_numbers(axes.xaxis)
        keys = [Line2D([], [], marker="o", linestyle="", color=charts.INK, markerfacecolor=fill, markersize=7,
                       label=charts._plain(name, 30)) for name, fill in zip(names, ("white", charts.INK))]
        axes.legend(handles=keys, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncol=2, borderaxespad=0.3)
        charts._name(axes, "", x_label)

    words = [x_label, *names, *map(str, labels), *map(str, texts)]
    return charts._draw(8.2, 1.3 + 0.46 * max(len(first), 2), paint, words)
