"""The help page of the kernel density tool."""

from __future__ import annotations

from typing import Callable


def about(tr: Callable[[str], str]) -> str:
    """Return the help in the user's language."""
    return tr(
        "<p>Spreads each incident over its surroundings and adds up, which gives a smooth raster of incidents per"
        " square kilometre: the heat map. It is the quickest picture of where crime gathers, and one of the best"
        " predictors of where the next will. It has no test of chance: a few incidents make a hump too. Use 'Find hot"
        " spots' to decide, and this map to show.</p>"
        "<p><b>Bandwidth</b> is the one setting that matters: 300 m by default. Automatic rules were made for data"
        " with a single hump and give 1 to 5 km for a city. Keep the bandwidth between months that you compare. The"
        " cell size hardly matters; cells lie on a fixed origin, so the rasters of two months fit cell on cell.</p>"
        "<p><b>Method.</b> f(q) = sum of w K(d/h)/h2 with two-dimensional kernels that integrate to 1 (quartic"
        " 3/pi (1-u2)2), so the raster holds all incidents: times the cell area it sums to their number. (The scaled"
        " values of QGIS's own heat map are 7.25 times too high, its raw values have no unit.) Incidents are shared"
        " among the four nearest cell centres and convolved by FFT; at a cell size of a tenth of the bandwidth the"
        " result is within about 1 % of the peak of the exact one (5 % for the uniform kernel, which jumps). The"
        " Gaussian ends at 4 standard deviations. Edge correction divides by the share of the kernel inside the study"
        " area.</p>"
        "<p><b>Rules.</b> Scott: s n^(-1/6), for a Gaussian; other kernels get the bandwidth of equal spread. nrd:"
        " 4.24 min(s, IQR/1.34) n^(-1/5), the mean of both axes (a quarter of it for the Gaussian). Esri: 0.9"
        " min(SD, 1.2 D) n^(-1/5), for the quartic kernel.</p>"
        "<p><b>Classes</b> are multiples of the mean of all cells above 0, which stay comparable between months;"
        " HOT_THRESHOLD is where the top class begins.</p>"
        "<p>Silverman 1986, Density estimation; Chainey and Ratcliffe 2005, GIS and crime mapping; Diggle 1985 (edge"
        " correction).</p>"
    )
