"""Street lighting: light on the ground, streets against a lighting class, and dark gaps."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...analysis.errors import InputError
from .. import groups
from ..base import HotspotAlgorithm
from . import lightingcoverage_help, lightingcoverage_inputs


class LightingCoverage(HotspotAlgorithm):
    """Street lighting."""

    NAME, GROUP = "lightingcoverage", groups.CPTED
    INPUT, OTHER_LIGHTS, PARK_LIGHTS, ALL_OWNERS = "INPUT", "OTHER_LIGHTS", "PARK_LIGHTS", "ALL_OWNERS"
    HEIGHT, LUMENS, INTENSITY = "HEIGHT", "LUMENS", "INTENSITY"
    HEIGHT_FIELD, LUMENS_FIELD, INTENSITY_FIELD = "HEIGHT_FIELD", "LUMENS_FIELD", "INTENSITY_FIELD"
    WATTS_FIELD, LUMENS_PER_WATT, LAMPS_FIELD = "WATTS_FIELD", "LUMENS_PER_WATT", "LAMPS_FIELD"
    TYPE_FIELD, TYPES, LED_FIELD, LED_LUMENS = "TYPE_FIELD", "TYPES", "LED_FIELD", "LED_LUMENS"
    PARK_HEIGHT, PARK_LUMENS, MAINTENANCE = "PARK_HEIGHT", "PARK_LUMENS", "MAINTENANCE"
    DISTRIBUTION, REACH = "DISTRIBUTION", "REACH"
    STREETS, NAME_FIELD, CLASS, CLASS_MEAN, CLASS_MIN = "STREETS", "NAME_FIELD", "CLASS", "CLASS_MEAN", "CLASS_MIN"
    DISTANCE, MIN_GAP = "DISTANCE", "MIN_GAP"
    DATE_FIELD, END_DATE_FIELD, OUTAGES, ID_FIELD = "DATE_FIELD", "END_DATE_FIELD", "OUTAGES", "ID_FIELD"
    OUTAGE_FROM, OUTAGE_TO, OUTAGE_ID = "OUTAGE_FROM", "OUTAGE_TO", "OUTAGE_ID"
    OUTAGE_DISTANCE, OUTAGE_TAKES, AS_OF = "OUTAGE_DISTANCE", "OUTAGE_TAKES", "AS_OF"
    OBSTACLES, OBSTACLE_FIELD, OBSTACLE_HEIGHT = "OBSTACLES", "OBSTACLE_FIELD", "OBSTACLE_HEIGHT"
    CELL_SIZE, UNIT, OUTPUT, SEGMENTS, GAPS, REPORT = "CELL_SIZE", "UNIT", "OUTPUT", "SEGMENTS", "GAPS", "REPORT"

    def displayName(self) -> str:  # noqa: N802
        return self.tr("Street lighting")

    def shortDescription(self) -> str:  # noqa: N802
        return self.tr("Light on the ground in lux, streets against a lighting class, and dark gaps, with what is only"
                       " unknown told apart.")

    def tags(self) -> list:
        return self.tr("street lights,lighting,illuminance,lux,foot-candle,dark,night,lamp,outage,CPTED,natural"
                       " surveillance,EN 13201,RP-8,lumens,candela,uniformity").split(",")

    def about(self) -> str:
        return lightingcoverage_help.about(self.tr)

    def declare(self) -> None:
        lightingcoverage_inputs.declare(self)

    def execute(self, run: Any) -> dict:
        from ...analysis.cpted import lightingcoverage as analysis
        from . import lightingcoverage_read as reading
        from . import lightingcoverage_report as reporting
        from . import lightingcoverage_words as wording

        choice = run.choice(self.UNIT)
        us = choice == lightingcoverage_inputs.AUTOMATIC and run.units.us
        raster_unit = wording.Unit(choice == lightingcoverage_inputs.FOOT_CANDLES)
        unit = wording.Unit(raster_unit.foot_candles or us)
        wanted, classes = self._class(run)
        data = reading.Reader(run).read()
        frame = self._frame(run, data.lights)
        lux, near = analysis.raster(frame, data.lights, data.obstacles, run.stage(0.25, 0.6))
        found = self._streets(run, data, wanted)
        peak = float(lux.max())
        words = wording.Words(run, data, peak, wanted, classes, found, unit)
        for text in words.warnings():
            run.warn(text)
        if data.obstacles is not None:
            run.info(self.tr("{rays} rays of light were looked at for {pieces} pieces of obstacles.").format(
                rays=f"{data.obstacles.rays:,}", pieces=f"{len(data.obstacles):,}"))
        summary = " ".join(words.sentences())
        run.info(summary)
        lux *= raster_unit.factor
        if not data.all_owners:
            lux[~near] = np.nan
        run.write_raster(self.OUTPUT, lux, frame.x_min, frame.y_max, frame.cell,
                         reporting.raster_style(raster_unit, unit), raster_unit.sign)
        if found:
            self._write_streets(run, data, words, reporting)
        if run.wants(self.REPORT):
            run.write_report(self.REPORT, reporting.build(run, words))
        return {**words.numbers(raster_unit), "SUMMARY": summary}

    def _class(self, run: Any) -> tuple:
        """Return the class that streets should have, and its family."""
        from ...analysis.cpted.lightstreets import EN_13201, RP_8, LightClass

        every, number = (*EN_13201, *RP_8), run.choice(self.CLASS)
        if number < len(every):
            return every[number], EN_13201 if number < len(EN_13201) else RP_8
        mean, minimum = run.number(self.CLASS_MEAN), run.number(self.CLASS_MIN)
        if not mean > 0 or not 0 < minimum <= mean:
            raise InputError(self.CLASS_MIN, "A class needs a minimum above 0 and not above its mean ({mean:g} lx)."
                                             " EN 13201 P4, say, has 5 and 1.", mean=mean)
        return LightClass(self.tr("own class"), mean, minimum), EN_13201

    def _frame(self, run: Any, lights: Any) -> Any:
        """Where the raster's cells lie; refuses what is too large before anything is built."""
        from ...analysis.hotspots import kerneldensity as kde

        cell = run.number(self.CELL_SIZE)
        extent = (float((lights.x - lights.reach).min()), float((lights.y - lights.reach).min()),
                  float((lights.x + lights.reach).max()), float((lights.y + lights.reach).max()))
        if not cell > 0:
            raise InputError(self.CELL_SIZE, "The cell size must be more than 0 m. 5 m is usual.")
        frame = kde.frame_of(extent, cell)
        if frame.cells > kde.MOST_CELLS:
            raise InputError(
                self.CELL_SIZE, "The raster would have {columns:,} x {rows:,} cells; at most {most:,} are made. Give at"
                " least {least:g} m; if lights lie far away by mistake, leave these out.",
                columns=frame.columns, rows=frame.rows, most=kde.MOST_CELLS, least=kde.smallest_cell(extent, 0.0))
        self._tell_cost(run, lights, cell)
        if cell > float(np.median(lights.height)) * 2:
            run.warn(self.tr("Cells of {cell:g} m are coarse for lights {height:g} m high: the light below a lamp is"
                             " lost between them. 5 m or less is better.").format(
                                 cell=cell, height=float(np.median(lights.height))))
        return frame

    def _tell_cost(self, run: Any, lights: Any, cell: float) -> None:
        """Say before a long run that it will be long; the rates are those of a slow laptop."""
        cells = float((np.pi * (lights.reach / cell) ** 2).sum())
        minutes = cells / (1.5e7 if run.has(self.OBSTACLES) else 3e9)
        if minutes > 2:
            run.warn(self.tr("{cells:.0f} million pairs of a light and a cell: this may take {minutes:.0f} minutes."
                             " Larger cells, a shorter REACH or fewer obstacles make it shorter.").format(
                                 cells=cells / 1e6, minutes=minutes))

    def _streets(self, run: Any, data: Any, wanted: Any) -> Any:
        """Return the light along the streets, None without streets."""
        if data.streets is None:
            return None
        from ...analysis.cpted import lightingcoverage as analysis
        from ...analysis.cpted import lightstreets
        from ...layers.overlay import line_parts
        from .lightingcoverage_words import Found

        lights, distance = data.lights, run.number(self.DISTANCE)
        pieces = lightstreets.cut(*line_parts(data.streets))
        lux = analysis.at_points(*pieces.middle, lights, data.obstacles, run.stage(0.6, 0.75))
        record = lightstreets.nearest_light(pieces, lights.x, lights.y, distance, run.stage(0.75, 0.8))
        works = lights.candela > 0
        working = record if works.all() else lightstreets.nearest_light(
            pieces, lights.x[works], lights.y[works], distance, run.stage(0.8, 0.85))
        near = lightstreets.near_pieces(pieces, record, lights.x, lights.y, distance)
        known = near | data.all_owners
        streets = lightstreets.summarise(pieces, lux, known, record, working, len(data.streets), wanted.minimum)
        run.progress(0.86)
        gaps = lightstreets.find_gaps(pieces, lux, known, wanted.minimum, run.number(self.MIN_GAP))
        run.progress(0.88)
        return Found(pieces, streets, gaps, lux, near, known)

    def _write_streets(self, run: Any, data: Any, words: Any, reporting: Any) -> None:
        from ...layers.writing import lines_from_corners

        run.write_areas(self.SEGMENTS, data.streets, words.segment_columns(), reporting.segment_style(words))
        if not run.wants(self.GAPS):
            return
        gaps, pieces = words.found.gaps, words.found.pieces
        corners = (np.column_stack([np.append(pieces.ax[a : b + 1], pieces.bx[b]),
                                    np.append(pieces.ay[a : b + 1], pieces.by[b])])
                   for a, b in zip(gaps.first.tolist(), gaps.last.tolist()))
        # without the points between two corners, at which the street was looked at
        shapes = [shape.simplify(0.01) for shape in lines_from_corners(corners)]
        run.write_lines(self.GAPS, shapes, words.gap_columns(), reporting.gap_style(words))
