"""Ranks before and after, beside the ranks that chance gives: one row a place."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from . import charts, formats

#: ticks of an axis of ranks
_TICKS = (1, 2, 3, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)


def rank_changes(
    labels: Sequence[str],
    before: Sequence[float],
    after: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    strong: Sequence[bool],
    names: tuple[str, str, str],
    none: str,
    x_label: str = "",
) -> str | None:
    """Draw two ranks a row on an axis where the first ranks have most room, joined: hollow before, full after.

    Parameters
    ----------
    labels : (n,) sequence of str
    before, after : (n,) sequences of float
        NaN where there is no rank: drawn in a column of its own at the end.
    low, high : (n,) sequences of float
        Ranks that chance gives, as a pale bar; NaN for none.
    strong : (n,) sequence of bool
        Rows in colour; the others are grey.
    names : (str, str, str)
        What the hollow dot, the full dot and the bar stand for.
    none : str
        Name of the column without a rank.
    x_label : str

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    first, second, left, right = (np.asarray(values, dtype=float) for values in (before, after, low, high))
    bold = np.asarray(strong, dtype=bool)
    largest = float(np.nanmax(np.r_[first, second, right, 2.0]))
    end = largest * 1.55 + 1.0
    x_first, x_second = (np.where(np.isnan(values), end, values) for values in (first, second))
    lacks = bool(np.isnan(np.r_[first, second]).any())

    def paint(figure: Any, axes: Any) -> None:
        from matplotlib.lines import Line2D
        from matplotlib.patches import Patch
        from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

        rows = np.arange(first.size)
        axes.set_xscale("log")
        known = np.isfinite(left) & np.isfinite(right)
        axes.barh(rows[known], right[known] * 1.02 - left[known] / 1.02, left=left[known] / 1.02, height=0.62,
                  color=charts.GRID, zorder=1)
        colours = np.where(bold, charts.MORE, charts.GREY)
        axes.hlines(rows, x_first, x_second, color=colours, linewidth=2.2, zorder=2)
        here = ~np.isnan(first)
        axes.scatter(first[here], rows[here], s=58, facecolor="white", edgecolor=charts.INK, linewidth=1.4, zorder=3)
        here = ~np.isnan(second)
        axes.scatter(second[here], rows[here], s=52, color=np.where(bold, charts.MORE, charts.INK)[here], zorder=4)
        axes.scatter(x_second[~here], rows[~here], marker="x", s=60, color=colours[~here], linewidth=2.4, zorder=4)
        axes.set_yticks(rows, [charts._plain(label, 44) for label in labels])
        axes.set_ylim(first.size - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        ticks = [tick for tick in _TICKS if tick <= largest]
        texts = [formats.number(tick) for tick in ticks]
        if lacks:
            axes.axvline(end, color=charts.GRID, linewidth=1.0, zorder=0)
            ticks, texts = [*ticks, end], [*texts, charts._plain(none, 12)]
        axes.xaxis.set_major_locator(FixedLocator(ticks))
        axes.xaxis.set_major_formatter(FixedFormatter(texts))
        axes.xaxis.set_minor_locator(NullLocator())
        axes.set_xlim(0.85, (end if lacks else largest) * 1.15)
        dots = (Line2D([], [], linestyle="", marker="o", markersize=7.5, color=charts.INK, markerfacecolor=face,
                       label=charts._plain(name, 60)) for name, face in zip(names, ("white", charts.INK)))  # fmt: skip
        keys = [*dots, Patch(color=charts.GRID, label=charts._plain(names[2], 60))]
        axes.legend(handles=keys, loc="lower left", bbox_to_anchor=(0, 1.0), ncol=3, borderaxespad=0.2)
        charts._name(axes, "", x_label)

    return charts._draw(8.2, 1.3 + 0.34 * max(first.size, 2), paint, [x_label, none, *names, *map(str, labels)])
