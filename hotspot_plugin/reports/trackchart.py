"""Hot spots through the periods: one row a hot spot, one column a period."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from . import charts


def tracks(
    labels: Sequence[str],
    periods: Sequence[str],
    size: np.ndarray,
    moved: np.ndarray,
    names: tuple[str, str, str],
) -> str | None:
    """Draw in which periods each hot spot was there.

    Parameters
    ----------
    labels : (k,) sequence of str
    periods : (p,) sequence of str
    size : (k, p) array
        Grows with the dot; NaN where it was not there.
    moved : (k, p) array of bool
        Whether it had moved there from elsewhere: a square instead of a dot.
    names : (str, str, str)
        What a dot, a square and an empty ring stand for.

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    size = np.asarray(size, float)
    there = np.isfinite(size)
    largest = float(np.nanmax(size)) if there.any() else 1.0
    dots = 50.0 + 210.0 * np.sqrt(np.nan_to_num(size) / max(largest, 1e-12))

    def paint(figure: Any, axes: Any) -> None:
        from matplotlib.lines import Line2D

        rows, columns = np.nonzero(there)
        for row in range(len(labels)):
            seen = np.flatnonzero(there[row])
            axes.plot([seen[0], seen[-1]], [row, row], color=charts.GREY, linewidth=1.4, zorder=1)
        empty = np.nonzero(~there)
        axes.scatter(empty[1], empty[0], s=34, facecolor="white", edgecolor=charts.GREY, linewidth=1.0, zorder=2)
        for mask, marker in ((~moved[rows, columns], "o"), (moved[rows, columns], "s")):
            axes.scatter(columns[mask], rows[mask], s=dots[rows, columns][mask], marker=marker, color=charts.MORE,
                         zorder=3)
        axes.set_yticks(np.arange(len(labels)), [charts._plain(label, 40) for label in labels])
        axes.set_xticks(np.arange(len(periods)), [charts._plain(label, 16) for label in periods])
        axes.tick_params(axis="x", top=True, labeltop=True, bottom=False, labelbottom=False, length=0)
        axes.tick_params(axis="y", length=0)
        axes.set_xlim(-0.5, len(periods) - 0.5)
        axes.set_ylim(len(labels) - 0.4, -0.6)
        axes.grid(visible=False)
        for side in ("left", "bottom"):
            axes.spines[side].set_visible(False)
        key = [Line2D([], [], linestyle="", marker=marker, markersize=8, color=colour, markerfacecolor=face,
                      label=charts._plain(name, 60))
               for name, marker, colour, face in zip(names, "oso", (charts.MORE, charts.MORE, charts.GREY),
                                                     (charts.MORE, charts.MORE, "white"))]
        axes.legend(handles=key, loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)

    return charts._draw(8.2, 1.2 + 0.34 * max(len(labels), 2), paint, [*labels, *periods, *names])
