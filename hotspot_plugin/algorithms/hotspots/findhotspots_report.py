"""What 'Find hot spots' says: the log, the fields of the hot spots, the sentence and the report."""

from __future__ import annotations

from typing import Any

import numpy as np
from qgis.core import QgsVectorLayerSimpleLabeling
from qgis.PyQt.QtCore import Qt

from ...layers import fields, styling, writing
from ...reports import charts, formats, maps
from ...reports.html import Report, Shown
from ...translation import tr
from .. import proactive

#: share of all incidents at one place, or on shared places, that is worth a warning
ONE_PLACE, SHARED = 0.05, 0.3
HECTARE = 10_000.0
#: ranks that are written on the map of the report
LABELLED = 50
#: cells that the map of the report draws one by one; of more, only the significant ones
DRAWN = 80_000
#: fields that are shares of 1, and the area
SHARES = (fields.SHARE, fields.TOP_SHARE, fields.PLACE1_SH, fields.PRO_SHARE, fields.STABLE, fields.AREA_HA)


class Story:
    """A result in words and columns.

    Parameters
    ----------
    run : Run
    incidents : Incidents
    found : analysis.hotspots.findhotspots.Found
    settings : analysis.hotspots.findhotspots.Settings
    made : analysis.proactive.Marks, optional
        Which incidents officers found themselves.
    """

    def __init__(self, run: Any, incidents: Any, found: Any, settings: Any, made: Any = None) -> None:
        from ...analysis.hotspots import concentration

        self.run, self.incidents, self.found, self.settings, self.made = run, incidents, found, settings, made
        self.k, self.total = found.places.count, len(incidents)
        self.inside = int((found.spot >= 0).sum())
        self.share = self.inside / self.total
        self.area_share = float(found.places.areas.sum()) / found.cells.area
        self.interval = concentration.share_interval(self.inside, self.total)
        self.ratio = concentration.ratio(self.inside, self.total, self.area_share, 1.0)
        self.test_spot, self.pai, self.test_share, self.test_n = None, None, None, 0
        if incidents.test is not None:
            self.test_spot = found.places.locate(*incidents.test)
            self.test_n = len(self.test_spot)
            held = int((self.test_spot >= 0).sum())
            self.test_share = held / self.test_n
            self.test_interval = concentration.share_interval(held, self.test_n)
            self.pai = concentration.ratio(held, self.test_n, self.area_share, 1.0) if self.k else None
        self._columns: dict | None = None

    # --- fields ----------------------------------------------------------------------------
    def columns(self) -> dict:
        """Fields of the hot spots, in order of rank."""
        if self._columns is not None:
            return self._columns
        from ...analysis.hotspots import profiles

        spot, k, data, period = self.found.spot, self.k, self.incidents, self.incidents.period
        n, low, high = profiles.counts(spot, k)
        low, high = np.round(low, 1), np.round(high, 1)
        number, first = profiles.places(spot, k, data.x, data.y, data.keys)
        columns: dict = {fields.RANK: np.arange(1, k + 1), fields.N: n, fields.N_LOW: low, fields.N_HIGH: high}
        if data.weight is not None:
            columns[fields.SUM] = np.bincount(spot[spot >= 0], data.weight[spot >= 0], minlength=k)
        columns.update({fields.SHARE: n / self.total, fields.AREA_HA: self.found.places.areas / HECTARE})
        if data.types is not None:
            types = profiles.types(spot, k, data.types)
            columns.update({
                fields.N_TYPES: types.number, fields.TOP_TYPE: types.top, fields.TOP_SHARE: types.top_share})
        columns.update({
            fields.PLACES: number, fields.PLACE1_SH: first, fields.HOT_DOT: first > profiles.HOT_DOT})
        if period is not None:
            months = data.dates.astype("datetime64[M]")
            columns.update({
                fields.MONTHS_ACT: profiles.months_active(spot, k, months),
                fields.TENURE: profiles.tenure(spot, k, data.dates, period.start, period.end)})
        if self.made is not None:
            columns[fields.PRO_SHARE] = profiles.counts(spot[self.made.made], k)[0] / n
        columns[fields.STABLE] = self.found.stable
        if self.test_spot is not None:
            columns[fields.N_TEST] = np.bincount(self.test_spot[self.test_spot >= 0], minlength=k)
        self._columns = {
            name: np.round(column, 4) if name in SHARES else column for name, column in columns.items()
        }  # fmt: skip
        return self._columns

    # --- words -----------------------------------------------------------------------------
    def tell(self) -> None:
        """Say in the log how the result was made, and what should give pause."""
        run, found, settings = self.run, self.found, self.settings
        run.info(self.method())
        run.info(self._asked())
        if self.k and found.places.grid != found.cells.grid:
            run.info(tr("Cells of {size:g} m are too large, or fit too badly into {area:g} ha, to be hot spots"
                        " themselves: the places were drawn inside them, of pieces of {piece:g} m.").format(
                            size=found.cells.grid.size, area=settings.max_area / HECTARE,
                            piece=found.places.grid.size))  # fmt: skip
        if found.dispersed:
            run.info(tr("{count:,} hot cells with {least} incidents or more belong to no hot spot: what lies in and"
                        " around them is too little, or too spread out. They are in the grid.").format(
                            count=found.dispersed, least=settings.min_cell))  # fmt: skip
        proactive.tell(run, self.made)
        for text in self._doubts():
            run.warn(text)
        run.info(self.sentence())

    def method(self) -> str:
        """How cells were tested."""
        values = {"expected": self.found.near_expected, "level": self.settings.confidence}
        if self.found.few:
            return tr("A neighbourhood expects {expected:.2g} incidents, fewer than the 25 that Gi* needs, so the exact"
                      " test against an even spread decides, at {level:.0%} confidence and corrected for all cells."
                      ).format(**values)  # fmt: skip
        return tr("A neighbourhood expects {expected:.0f} incidents, so Gi* decides, at {level:.0%} confidence with"
                  " control of false discoveries, where an exact test against an even spread agrees.").format(**values)

    def _asked(self) -> str:
        least, months = self.settings.min_count, self.incidents.months
        if self.run.integer("MIN_COUNT"):
            return tr("A hot spot holds at least {least} incidents, as chosen.").format(least=least)
        if months is None:
            return tr("A hot spot holds at least {least} incidents: 10 in twelve months, at most 2 % of all, at least"
                      " 5. Without dates, twelve months are assumed.").format(least=least)  # fmt: skip
        return tr("A hot spot holds at least {least} incidents: 10 in twelve months, for the {months:.1f} months of"
                  " the data; at most 2 % of all, at least 5.").format(least=least, months=months)  # fmt: skip

    def _doubts(self) -> list:
        """What a careful analyst would warn of."""
        from ...analysis.hotspots import profiles

        data, texts = self.incidents, []
        if data.months is not None and data.months < 11.5:
            texts.append(tr("The data cover {months:.1f} months. Twelve or more are needed to tell lasting hot spots"
                            " from a spree or a season.").format(months=data.months))  # fmt: skip
        if data.period is not None and data.period.by_month:
            texts.append(tr("The dates say the month only: nothing can be said about days or hours."))
        if self.total < 60:
            texts.append(tr("With {count} incidents only strong clusters can be told from chance.").format(
                count=self.total))
        if self.settings.distance > 500:
            texts.append(tr("Neighbours up to {distance:g} m away blur hot spots into districts; 500 m or less is"
                            " advised.").format(distance=self.settings.distance))  # fmt: skip
        times = profiles.place_counts(data.x, data.y, data.keys)
        busiest, shared = times.max() / self.total, times[times > 1].sum() / self.total
        if busiest > ONE_PLACE:
            texts.append(tr("{share:.0%} of all incidents are at one single place. Is it a default for unknown"
                            " addresses, a police station, a hospital?").format(share=busiest))  # fmt: skip
        if shared > SHARED:
            texts.append(tr("{share:.0%} of the incidents share their coordinates with others (block midpoints or"
                            " anonymised points?): a hot spot is then the surroundings of such points.").format(
                                share=shared))  # fmt: skip
        if self.k and self.columns()[fields.HOT_DOT].any():
            texts.append(tr("{count} hot spots are mostly one address (hot_dot): ask who manages it before you send a"
                            " patrol.").format(count=int(self.columns()[fields.HOT_DOT].sum())))  # fmt: skip
        return texts

    def period(self) -> str:
        """The period in words."""
        period = self.incidents.period
        if period is None:
            return tr("In the period of the data (dates unknown)")
        return formats.during(period.start, period.end, period.by_month)

    def sentence(self) -> str:
        """The result as one may read it out: numbers, their interval, the period."""
        if not self.k:
            return tr("{period}, no place among {n} recorded incidents stands out as a hot spot: what gathers there"
                      " could be chance.").format(period=self.period(), n=formats.number(self.total))  # fmt: skip
        spots = tr("one hot spot") if self.k == 1 else tr("{count} hot spots").format(count=self.k)
        low, high = self.interval
        text = tr("{period}, {spots} with {area} of the study area ({ground}) held {share} (95 % interval {low} to"
                  " {high}) of the {n} recorded incidents; spread by chance alone, they would hold about {area}."
                  ).format(
            period=self.period(), spots=spots, area=_small_percent(self.area_share),
            ground=self.run.units.area(float(self.found.places.areas.sum())),
            share=formats.percent(self.share, 1), low=formats.percent(low, 1), high=formats.percent(high, 1),
            n=formats.number(self.total))  # fmt: skip
        if self.test_share is not None:
            low, high = self.test_interval
            text += " " + tr("Of {n} incidents held back for the test the same places held {share} ({low} to {high})."
                             ).format(n=formats.number(self.test_n), share=formats.percent(self.test_share, 1),
                                      low=formats.percent(low, 1), high=formats.percent(high, 1))  # fmt: skip
        return text

    def numbers(self) -> dict:
        """What the tool returns."""
        found = self.found
        return {
            "HOTSPOT_COUNT": self.k, "INCIDENT_SHARE": self.share, "AREA_SHARE": self.area_share,
            "CONC_RATIO": self.ratio if self.k else None, "PAI": self.pai, "TEST_SHARE": self.test_share,
            "CELL_SIZE": found.cells.grid.size, "DISTANCE": found.distance, "MIN_COUNT": self.settings.min_count,
            "INCIDENTS": self.total, "PROACTIVE_SHARE": proactive.share(self.made),
            "HOT_CELLS": int(found.cells.hot.sum()), "AREA_KM2": found.cells.area / 1e6,
            "EXPECTED": found.near_expected, "METHOD": "exact" if found.few else "gistar", "SUMMARY": self.sentence(),
        }  # fmt: skip

    # --- report ----------------------------------------------------------------------------
    def report(self, hotspots: Any, grid: Any) -> Report:
        """The web page."""
        report = Report(tr("Hot spots"), self.period())
        report.sentence(self.sentence())
        for text in self.run.warnings:
            report.warning(text)
        report.facts([
            (tr("Hot spots"), self.k), (tr("Share of incidents"), formats.percent(self.share, 1)),
            (tr("Share of area"), _small_percent(self.area_share)),
            (tr("Concentration ratio"), self.ratio, tr("flatters: from the same incidents")),
            (tr("PAI"), self.pai, tr("on incidents held back") if self.pai is not None else tr("needs held-back"
             " incidents")), (tr("Incidents used"), self.total),
            *([] if self.made is None else [proactive.fact(self.made)]),
        ])  # fmt: skip
        picture = maps.map_png(self._layers(hotspots, grid), tr("Hot spots by rank"), units=self.run.units)
        report.figure(picture, tr("Hot spots, numbered by rank, and the tested cells."), self.sentence())
        self.run.check()
        if self.k:
            self._table(report)
        self._months(report)
        report.heading(tr("How to read it"))
        report.paragraph(tr(
            "A hot spot is a place where more was recorded than an even spread over the study area would give. Busy"
            " places have more of everything; ask what it is about the place. The interval of n says what another"
            " such period could bring by chance. Stable is the share of 200 resamples of the incidents in which the"
            " place is hot again; under 0.8, treat it with care. Who lives there and how often it is patrolled"
            " already was not looked at."))
        report.heading(tr("How it was made"))
        report.bullets(self.run.notes)
        return report

    def _layers(self, hotspots: Any, grid: Any) -> list:
        """What the map shows, top first."""
        if self.k:
            # thousands of numbers could neither be placed nor read
            labels = hotspots.labeling().settings()
            labels.fieldName = f'CASE WHEN "{fields.RANK}" <= {LABELLED} THEN "{fields.RANK}" END'
            labels.isExpression = True
            hotspots.setLabeling(QgsVectorLayerSimpleLabeling(labels))
        layers = [hotspots, grid] if self.k else [grid]
        if len(self.found.cells.n) <= DRAWN:
            return layers
        renderer = grid.renderer().clone()
        renderer.deleteCategory([category.value() for category in renderer.categories()].index(0))
        grid.setRenderer(renderer)
        area = writing.memory_layer("Polygon", tr("Study area"), self.run.crs, [self.incidents.outline])
        styling.single("Study area", "#e6e6e6", tr("Study area; cells without colour are not significant")).apply(area)
        return [*layers, area]

    def _table(self, report: Report) -> None:
        heads = self._heads()
        columns = {name: column for name, column in self.columns().items() if name in heads}

        def cell(name: str, value: Any) -> Any:
            value = value.item() if hasattr(value, "item") else value
            if name in SHARES[:-1]:
                return Shown(value, formats.percent(value, 1 if name == fields.SHARE else 0))
            if name == fields.AREA_HA:
                value = value * HECTARE / formats.ACRE if self.run.units.us else value
                return Shown(value, formats.number(value, 1))
            if name in (fields.N_LOW, fields.N_HIGH):
                return Shown(value, formats.number(value, 0))
            return value

        rows = [[cell(name, column[i]) for name, column in columns.items()] for i in range(self.k)]
        report.heading(tr("The hot spots"))
        report.table([heads[name] for name in columns], rows, tr("Ranked by {what}.").format(
            what=tr("weight") if self.incidents.weight is not None else tr("number of incidents")), "hotspots", 20)
        report.bullets([f"{heads[name]} ({name}): {tr(fields.DESCRIPTIONS[name])}" for name in columns])

    def _heads(self) -> dict:
        """Headings of the table; the layer has more fields than a page is wide."""
        return {
            fields.RANK: tr("Rank"), fields.N: tr("Incidents"), fields.N_LOW: tr("from"), fields.N_HIGH: tr("to"),
            fields.SUM: tr("Weight"), fields.AREA_HA: tr("Area, acres") if self.run.units.us else tr("Area, ha"),
            fields.TOP_TYPE: tr("Main type"),
            fields.TOP_SHARE: tr("Its share"), fields.PLACE1_SH: tr("Busiest place"),
            fields.PRO_SHARE: tr("By officers"), fields.MONTHS_ACT: tr("Months"), fields.TENURE: tr("Standing"),
            fields.STABLE: tr("Stable"), fields.N_TEST: tr("Held back"),
        }  # fmt: skip

    def _months(self, report: Report) -> None:
        data = self.incidents
        if data.period is None:
            return
        own = data.dates.astype("datetime64[M]")[(self.found.spot >= 0) & ~np.isnat(data.dates)]
        if own.size:
            months, counts = np.unique(own, return_counts=True)
            report.figure(charts.histogram_by_month(months, counts, tr("Incidents in the hot spots by month")),
                          tr("Incidents in the hot spots by month."), tr("Bar chart of incidents by month."), "months")


def _small_percent(share: float) -> str:
    """A percentage with one decimal, or as many as show a first digit."""
    decimals = 1 if share <= 0 else int(np.clip(-np.floor(np.log10(share)) - 2, 1, 6))
    return formats.percent(share, decimals)


def cell_style() -> styling.Style:
    """The seven classes without outlines, which would blacken a map of a county's cells."""
    usual = styling.gi_bins()

    def make(layer: Any) -> Any:
        renderer = usual.renderer(layer)
        renderer.deleteCategory(len(renderer.categories()) - 1)  # here every cell is tested
        for index, category in enumerate(renderer.categories()):
            symbol = category.symbol().clone()
            symbol.symbolLayer(0).setStrokeStyle(Qt.PenStyle.NoPen)
            renderer.updateCategorySymbol(index, symbol)
        return renderer

    return styling.Style(usual.name, make)
