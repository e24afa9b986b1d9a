"""Two rates of the same areas beside each other, with their intervals: who is high in which."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from . import charts


def two_rates(
    first: tuple[np.ndarray, np.ndarray, np.ndarray],
    second: tuple[np.ndarray, np.ndarray, np.ndarray],
    kind: np.ndarray,
    looks: Sequence[tuple[str, str, str]],
    names: Sequence[str],
    x_label: str,
    y_label: str,
) -> str | None:
    """Draw ratios to the rate of the whole on logarithmic axes, an interval as a cross.

    Parameters
    ----------
    first, second : (ratio, low, high), each an (n,) array
        NaN leaves the area out.
    kind : (n,) array of int
        Index into ``looks``.
    looks : sequence of (label, colour, marker)
    names : (n,) sequence of str
        "" for areas that are not named.
    x_label, y_label : str

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    x, y = first[0], second[0]
    shown = np.isfinite(x) & np.isfinite(y)

    def paint(figure: Any, axes: Any) -> None:
        axes.set_xscale("log")
        axes.set_yscale("log")
        axes.axvline(1.0, color=charts.SOFT, linewidth=1.0, zorder=1)
        axes.axhline(1.0, color=charts.SOFT, linewidth=1.0, zorder=1)
        crosses = len(x) <= 150
        for code, (label, colour, marker) in enumerate(looks):
            of = np.flatnonzero(shown & (kind == code))
            if not len(of):
                continue
            if crosses:
                axes.hlines(y[of], first[1][of], first[2][of], color=colour, linewidth=0.9, alpha=0.7, zorder=2)
                axes.vlines(x[of], second[1][of], second[2][of], color=colour, linewidth=0.9, alpha=0.7, zorder=2)
            axes.scatter(x[of], y[of], s=46 if crosses else 20, marker=marker, color=colour, edgecolor=charts.INK,
                         linewidth=0.7, zorder=3, label=charts._plain(label, 40))
        named = [i for i in range(len(names)) if names[i] and shown[i]]
        for i in named:
            axes.annotate(charts._plain(names[i], 26), (x[i], y[i]), xytext=(6, 5), textcoords="offset points",
                          fontsize=8.5, color=charts.INK, zorder=4)
        spread = [np.array([0.8, 1.25]), x[shown], y[shown]]
        low, high = (float(f(np.concatenate(spread))) for f in (np.min, np.max))
        for values in (axes.set_xlim, axes.set_ylim):
            values(max(low / 1.5, 0.02), high * 1.7)
        for axis, bounds in ((axes.xaxis, axes.get_xlim()), (axes.yaxis, axes.get_ylim())):
            _ticks(axis, bounds)
        axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0)
        charts._name(axes, "", x_label, y_label)

    return charts._draw(8.2, 5.0, paint, [x_label, y_label, *(label for label, _, _ in looks), *map(str, names)])


def _ticks(axis: Any, bounds: Sequence[float]) -> None:
    from matplotlib.ticker import FixedFormatter, FixedLocator, NullLocator

    from . import formats

    ticks = [t for t in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0) if bounds[0] <= t <= bounds[1]]
    axis.set_major_locator(FixedLocator(ticks))
    axis.set_major_formatter(FixedFormatter([formats.number(t, len(f"{t:g}".partition(".")[2])) for t in ticks]))
    axis.set_minor_locator(NullLocator())
