"""Hot spot analysis (Getis-Ord Gi*) of places that already carry a count, a sum or a rate."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.errors import InputError
from ...layers import fields, styling
from .. import groups, parameters
from ..base import HotspotAlgorithm
from .gistar_help import about

QUEEN, ROOK, BAND, NEAREST = range(4)
METHODS = ("automatic", "normal", "permutation")


class GiStar(HotspotAlgorithm):
    """Hot spot analysis (Getis-Ord Gi*)."""

    NAME, GROUP = "gistar", groups.HOTSPOTS
    INPUT, FIELD, NEIGHBOURS, DISTANCE, K, SELF = "INPUT", "FIELD", "NEIGHBOURS", "DISTANCE", "K", "INCLUDE_SELF"
    METHOD, PERMUTATIONS, SEED, FDR, OUTPUT = "METHOD", "PERMUTATIONS", "SEED", "FDR", "OUTPUT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Hot spot analysis (Getis-Ord Gi*)")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Finds where high or low values gather more than chance allows, among areas or points with"
                       " a count, sum or rate.")

    def tags(self) -> list:
        return self.tr("hot spot,cold spot,gi*,getis,ord,local statistics,cluster,significance,fdr").split(",")

    def about(self) -> str:
        return about(self.tr)

    def declare(self) -> None:
        tr = self.tr
        self.addParameter(parameters.areas_or_points(self.INPUT, tr("Areas or points with values"), tr(
            "Polygons (cells of a grid, districts) or points that each carry a number. Single incidents must be"
            " counted first: 'Count incidents in areas', or use 'Find hot spots', which does all in one step.")))
        self.addParameter(parameters.field(self.FIELD, tr("Field to analyse"), self.INPUT, tr(
            "The count, sum or rate. Places without a number take no part.")))
        self.addParameter(parameters.choice(self.NEIGHBOURS, tr("Neighbours"), [
            tr("Areas that share a side or a corner (queen)"), tr("Areas that share a side (rook)"),
            tr("Places within a distance"), tr("The nearest places")], QUEEN, tr(
            "Who belongs to a place's neighbourhood. Queen suits grids and districts. Corners must be drawn as"
            " corners in both areas; where two layers were drawn apart, or for points, take a distance.")))
        self.addParameter(parameters.distance(self.DISTANCE, tr("Distance"), 0.0, tr(
            "Metres between places (of areas, between their centroids), for neighbours within a distance. 0 takes"
            " the shortest one with which every place has a neighbour, and reports it.")))
        self.addParameter(parameters.integer(self.K, tr("Number of nearest places"), 8, tr(
            "For neighbours that are the nearest places. Places that tie for the last rank are all taken."), 1))
        self.addParameter(parameters.flag(
            self.SELF, tr("Count the place itself as part of its neighbourhood"), True, tr(
                "Yes gives Gi*, the usual statistic of hot spot maps; no gives Gi, which looks at the surroundings"
                " only.")))
        self.addParameter(parameters.flag(self.FDR, tr("Control false discoveries"), True, tr(
            "Among a thousand places, fifty pass a 95 % test by chance. Yes raises the bar for Gi_Bin so that of the"
            " hot and cold spots shown, about 5 % are false (Benjamini-Hochberg). GiZScore and GiPValue never"
            " change.")))
        self.addParameter(parameters.advanced(parameters.choice(self.METHOD, tr("How p-values are found"), [
            tr("Automatic"), tr("Normal curve"), tr("Permutations of the surroundings")], 0, tr(
            "Automatic takes the normal curve where neighbourhoods expect 25 incidents or more, and below that the"
            " exact distribution of their sum when the values lie on the places in random order. Permutations keep"
            " each place's own value and draw its neighbours from all others."))))
        self.addParameter(parameters.advanced(parameters.integer(self.PERMUTATIONS, tr("Permutations"), 99_999, tr(
            "For permutations only. With control of false discoveries at least 40 for each place are needed; the"
            " tool says how many."), 99, 100_000_000)))
        self.addParameter(parameters.seed())
        self.addParameter(parameters.output_like_input(self.OUTPUT, tr("Hot and cold spots"), tr(
            "The places with all their fields and GiZScore, GiPValue, Gi_Bin and NNeighbors, drawn by Gi_Bin.")))
        for name, text in self._counts().items():
            self.add_number(name, text, tr("{what}, in Gi_Bin.").format(what=text))
        self.add_number("TESTED", tr("Places tested"), tr("Places with a value, a neighbour and a score."))
        self.add_number("ISOLATED", tr("Places without a neighbour"), tr("Places with a value but no neighbour."))
        self.add_number("DISTANCE_USED", tr("Distance used"), tr(
            "Metres; no value where neighbours are not chosen by distance."))

    def _counts(self) -> dict:
        hot, cold = self.tr("Hot spots, {level} % confidence"), self.tr("Cold spots, {level} % confidence")
        return {
            f"{side}_{level}": text.format(level=level)
            for side, text in (("HOT", hot), ("COLD", cold)) for level in (99, 95, 90)
        }  # fmt: skip

    def execute(self, run: Any) -> dict:
        from ...analysis import significance
        from ...analysis.hotspots import gistar

        field, fdr, star = run.field(self.FIELD), run.flag(self.FDR), run.flag(self.SELF)
        areas = run.areas(self.INPUT, numbers=[field])
        values = areas.columns[field]
        given = np.isfinite(values)
        self._check(run, field, values[given])
        weights, distance = self._neighbours(run, areas)
        result = gistar.local_g(
            values, weights, star=star, method=METHODS[run.choice(self.METHOD)], fdr=fdr,
            permutations=run.integer(self.PERMUTATIONS), rng=np.random.default_rng(run.integer(self.SEED)),
            progress=run.stage(0.4, 0.9),
        )  # fmt: skip
        bins = significance.gi_bins(result.z, result.p, fdr)
        self._tell(run, result, given, gistar)
        numbers = {
            f"{side}_{level}": int((bins == sign * size).sum())
            for side, sign in (("HOT", 1), ("COLD", -1)) for size, level in ((3, 99), (2, 95), (1, 90))
        }  # fmt: skip
        tested = np.isfinite(result.z)
        run.info(self.tr("{hot} hot spots and {cold} cold spots at 95 % confidence or more, among {tested} places.")
                 .format(hot=int((bins >= 2).sum()), cold=int((bins <= -2).sum()), tested=int(tested.sum())))
        run.write_areas(self.OUTPUT, areas, {
            fields.GI_Z: result.z,
            fields.GI_P: result.p,
            fields.GI_BIN: np.ma.masked_array(bins.astype(np.int64), ~tested),
            fields.N_NEIGHBORS: np.ma.masked_array(result.neighbours, ~given),
        }, style=styling.gi_bins())  # fmt: skip
        isolated = int((given & (result.neighbours == 0)).sum())
        return {**numbers, "TESTED": int(tested.sum()), "ISOLATED": isolated, "DISTANCE_USED": distance}

    def _check(self, run: Any, field: str, values: np.ndarray) -> None:
        if values.size < 3:
            raise InputError(self.FIELD, "Only {count} places have a number in '{field}', and at least 3 are needed."
                             " Choose a field with numbers, or a layer with more places.",
                             count=values.size, field=field)  # fmt: skip
        if values.max() == values.min():
            run.warn(self.tr("All values of '{field}' are {value:g}, so there is nothing to find: no place gets a"
                             " score. Single incidents must be counted in areas first.")
                     .format(field=field, value=float(values[0])))  # fmt: skip
        elif values.size < 30:
            run.warn(self.tr("With {count} places only, hot spots are hard to tell from chance; 30 or more are"
                             " advised.").format(count=values.size))  # fmt: skip

    def _neighbours(self, run: Any, areas: Any) -> tuple:
        """Weights, and the distance in metres where one was used."""
        from ...analysis import weights
        from ...layers.areas import POLYGON

        rule, progress = run.choice(self.NEIGHBOURS), run.stage(0.2, 0.4)
        if rule in (QUEEN, ROOK):
            if areas.kind != POLYGON:
                raise InputError(self.NEIGHBOURS, "Points have no sides or corners. Choose neighbours within a"
                                 " distance, or the nearest places.")  # fmt: skip
            return weights.contiguity(*areas.rings(), rule == QUEEN, n=len(areas), progress=progress), None
        # a place without a value is nobody's neighbour, so it must not shape the neighbourhoods either
        given = np.flatnonzero(np.isfinite(areas.columns[run.field(self.FIELD)]))
        xy = areas.centroids[given]
        if rule == NEAREST:
            near, distance = weights.k_nearest(xy, run.integer(self.K), progress=progress), None
        else:
            distance = run.number(self.DISTANCE)
            if not distance:
                distance = weights.default_distance(xy, progress=run.stage(0.2, 0.25))
                run.info(self.tr("The distance is {distance:,.1f} m, the shortest one with which every place has a"
                                 " neighbour.").format(distance=distance))  # fmt: skip
            near = weights.distance_band(xy, distance, progress=progress)
        return weights.for_rows(near, given, len(areas)), distance

    def _tell(self, run: Any, result: Any, given: np.ndarray, gistar: Any) -> None:
        """Say how places were tested and what should give pause."""
        total, missing = int(given.sum()), int((~given).sum())
        if missing:
            run.warn(self.tr("{count} places have no number in the field and take no part.").format(count=missing))
        alone = int((given & (result.neighbours == 0)).sum())
        if alone:
            run.warn(self.tr("{count} of {total} places have no neighbour and get no score. Neighbours within a"
                             " distance (0 = everybody has one) would include them.")
                     .format(count=alone, total=total))  # fmt: skip
        mean = float(result.neighbours[given].mean())
        run.info(self.tr("A place has {mean:.1f} neighbours on average.").format(mean=mean))
        if mean > total / 2:
            run.warn(self.tr("A neighbourhood holds more than half of all places, so that hardly anything can stand"
                             " out. Choose a shorter distance."))  # fmt: skip
        for test, text in (
            (gistar.BY_NORMAL, self.tr("{count} places were tested by the normal curve.")),
            (gistar.BY_EXACT_TAIL, self.tr("{count} places were tested by the exact distribution of their sum.")),
            (gistar.BY_DRAWS, self.tr("{count} places were tested by {draws} random arrangements.")),
        ):
            count = int((result.test == test).sum())
            if count:
                run.info(text.format(count=count, draws=result.draws))
        if result.wary:
            run.warn(self.tr("{count} places lie in neighbourhoods too small or too uneven for the normal curve: it"
                             " will show hot spots that chance makes. The automatic method is right for them.")
                     .format(count=result.wary))  # fmt: skip
