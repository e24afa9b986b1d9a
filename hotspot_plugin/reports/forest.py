"""Differences with their 95 and 90 % intervals, one row each, the numbers beside them: the chart of evaluations."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from . import charts, formats


def differences(
    labels: Sequence[str],
    values: Sequence[float],
    low: Sequence[float],
    high: Sequence[float],
    inner_low: Sequence[float] | None = None,
    inner_high: Sequence[float] | None = None,
    *,
    title: str = "",
    x_label: str = "",
    note: str = "",
    sides: tuple[str, str] = ("", ""),
    rules: Sequence[int] = (),
    strong: Sequence[bool] | None = None,
    decimals: int | None = None,
    ratio: bool = False,
) -> str | None:
    """Draw differences (or ratios) with intervals, and write each beside its row.

    Parameters
    ----------
    labels : (n,) sequence of str
    values, low, high : (n,) sequences of float
        95 % intervals; a row of NaN stays empty.
    inner_low, inner_high : (n,) sequences of float, optional
        90 % intervals, drawn thicker.
    title, x_label, note : str
        ``note`` names the line of no difference.
    sides : (str, str)
        What left and right of it mean, e.g. "fewer", "more".
    rules : sequence of int
        Rows above which a thin line is drawn.
    strong : (n,) sequence of bool, optional
        Rows in colour; by default those whose 95 % interval leaves out no difference.
    decimals : int, optional
        Of the numbers beside the rows.
    ratio : bool
        The values are ratios: logarithmic axis round 1.

    Returns
    -------
    str or None
        SVG; None without matplotlib.
    """
    centre, left, right = (np.asarray(numbers, dtype=float) for numbers in (values, low, high))
    none = 1.0 if ratio else 0.0
    apart = (left > none) | (right < none) if strong is None else np.asarray(strong, dtype=bool)
    inner = None if inner_low is None or inner_high is None else (
        np.asarray(inner_low, dtype=float), np.asarray(inner_high, dtype=float))

    def paint(figure: Any, axes: Any) -> None:
        bounds = _bounds(centre, left, right, ratio)
        if ratio:
            axes.set_xscale("log")
        axes.set_xlim(*bounds)
        axes.axvline(none, color=charts.SOFT, linewidth=1.2)
        for row in np.flatnonzero(np.isfinite(centre)):
            colour = (charts.MORE if centre[row] > none else charts.FEWER) if apart[row] else charts.SOFT
            ends = np.clip([np.nan_to_num(left[row], nan=bounds[0]), np.nan_to_num(
                right[row], nan=bounds[1], posinf=bounds[1])], *bounds)
            axes.plot(ends, [row, row], color=colour, linewidth=1.6, solid_capstyle="butt", zorder=2)
            if inner is not None:
                axes.plot(np.clip([inner[0][row], inner[1][row]], *bounds), [row, row], color=colour, linewidth=4.2,
                          solid_capstyle="butt", alpha=0.75, zorder=2)
            for edge, marker, beyond in ((bounds[0], "<", left[row] < bounds[0]),
                                         (bounds[1], ">", right[row] > bounds[1])):
                if beyond:
                    axes.plot([edge], [row], marker=marker, color=colour, markersize=6, clip_on=False)
            if bounds[0] <= centre[row] <= bounds[1]:
                axes.plot([centre[row]], [row], marker="s" if apart[row] else "o", color=colour, markersize=7,
                          markeredgecolor="white", markeredgewidth=0.9, zorder=3)
        for row in range(centre.size):
            text = formats.NOTHING
            if np.isfinite(centre[row]):
                shown = (formats.number(v, _places(v, decimals, ratio), sign=not ratio)
                         for v in (centre[row], left[row], right[row]))
                text = "{}  ({} … {})".format(*shown)
            axes.annotate(text, (1.0, row), xycoords=("axes fraction", "data"), xytext=(10, 0),
                          textcoords="offset points", ha="left", va="center", fontsize=9,
                          color=charts.INK if apart[row] else charts.SOFT, annotation_clip=False)
        for row in rules:
            axes.axhline(row - 0.5, color=charts.GRID, linewidth=1.0)
        axes.set_yticks(np.arange(centre.size), [charts._plain(label) for label in labels])
        axes.set_ylim(centre.size - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        if ratio:
            charts._ratio_ticks(axes, np.asarray(bounds))
        else:
            charts._axis_numbers(axes.xaxis, True)
        for text, side, arrow in ((sides[0], "right", "← {}"), (sides[1], "left", "{} →")):
            if text:
                offset = -26 if side == "right" else 26
                axes.annotate(arrow.format(charts._plain(text, 30)), (none, -0.6), xytext=(offset, 3),
                              textcoords="offset points", ha=side, va="bottom", fontsize=9, color=charts.SOFT)
        if note and not any(sides):
            axes.annotate(charts._plain(note, 40), (none, -0.6), xytext=(0, 3), textcoords="offset points",
                          ha="center", va="bottom", fontsize=9, color=charts.SOFT)
        charts._name(axes, "", x_label)
        if title:
            axes.set_title(charts._plain(title, 90), pad=26 if note or any(sides) else 12)

    texts = [title, x_label, note, *sides, "←→", *map(str, labels)]
    return charts._draw(8.2, 1.2 + 0.38 * max(centre.size, 2), paint, texts)


def _places(value: float, decimals: int | None, ratio: bool) -> int:
    if decimals is not None:
        return decimals
    return 2 if ratio else 0 if abs(value) >= 10 else 1


def _bounds(centre: np.ndarray, left: np.ndarray, right: np.ndarray, ratio: bool) -> tuple[float, float]:
    """Hold all intervals, unless one is more than three times as wide as the rest reaches."""
    ends = np.concatenate([np.log(v) if ratio else v for v in (centre, left, right)]) if centre.size else np.zeros(1)
    ends = ends[np.isfinite(ends)]
    reach = np.abs(ends) if ends.size else np.ones(1)
    most = float(reach.max())
    usual = float(np.quantile(reach, 0.9)) * 3.0
    top = max(min(most, usual if reach.size > 8 else most) * 1.08, 0.05 if ratio else 1e-9)
    low = float(min(ends.min() if ends.size else 0.0, 0.0))
    high = float(max(ends.max() if ends.size else 0.0, 0.0))
    low, high = max(low * 1.08, -top) - 0.06 * top, min(high * 1.08, top) + 0.06 * top
    return (float(np.exp(low)), float(np.exp(high))) if ratio else (low, high)
