"""The reports that come of an export's rows: values, voices, repeats, bursts, and every row accounted for."""

from __future__ import annotations

import secrets
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from ...analysis.community import bursts as bursts_module
from ...analysis.community import importcommunityinput as importing
from ...analysis.community import importwords as words_module
from ...analysis.community import inputs
from ...analysis.data import prepareincidents as preparing
from ...analysis.errors import InputError
from ...analysis.privacy import personal
from ...layers import fields
from ...reports import formats
from ...translation import tr
from ..data import prepareincidents_columns as columns
from ..data.prepareincidents_input import Export
from .importcommunityinput_read import DATES, Choices
from .importcommunityinput_scan import Scan

#: side of the cells in which bursts of a place are looked for, metres
BURST_CELL = 250.0
_MAPPED = {inputs.CATEGORY: "CATEGORY_FIELD", inputs.WISH: "WISH_FIELD", inputs.DAY_PART: "DAY_PART_FIELD",
           inputs.SOURCE: "SOURCE_FIELD", inputs.STATUS: "STATUS_FIELD", inputs.CONSENT: "CONSENT_FIELD",
           inputs.CONCERN: "CONCERN_FIELD"}


class Imported:
    """Reports of an export; arrays are over all rows, ``kept`` says which of them are in the result."""

    def __init__(self, run: Any, export: Export, choices: Choices, scan: Scan) -> None:
        self.run, self.export, self.choices, self.scan = run, export, choices, scan
        self.n = export.rows
        #: why a row is not in the result, None where it is
        self.reason = np.full(self.n, None, object)
        self.what = np.full(self.n, "row", object)
        self._geopoints()
        self.times = columns.read_dates(run, export, choices, DATES)
        self.x, self.y, self.state = columns.read_places(run, export, choices)
        run.progress(0.56)
        self.day = self._days("said")
        self._words()
        self.voice, self.voices = self._voices()
        self.ids = self._texts("ID_FIELD")
        run.progress(0.65)
        self._leave_out()
        self.repeats = self._repeats()
        self.kept = np.array([r is None for r in self.reason], bool)
        self._round()
        run.progress(0.7)
        self.bursts = self._bursts()
        self.photo_paths = np.full(self.n, None, object)
        self._tell()

    # --- columns ---------------------------------------------------------------------------
    def _texts(self, role: str) -> np.ndarray:
        """Return the clean texts of a column, None where there is nothing."""
        name = self.choices.fields.get(role)
        if not name:
            return np.full(self.n, None, object)
        column = self.scan.clean.get(name)
        column = self.export.texts(name) if column is None else column
        return np.array([t.strip() if t is not None and t.strip() else None for t in column], object)

    def _geopoints(self) -> None:
        """Make two columns of a geopoint."""
        name = self.choices.fields.get("GEOPOINT_FIELD")
        if not name or self.choices.fields.get("X_FIELD"):
            return
        x, y = importing.read_geopoints(self.export.texts(name))
        self.export.columns["__x"], self.export.columns["__y"] = x, y
        self.choices.fields.update(X_FIELD="__x", Y_FIELD="__y")

    def _days(self, key: str) -> np.ndarray:
        if key not in self.times:
            return np.full(self.n, np.datetime64("NaT", "D"))
        return self.times[key].values.astype("M8[D]")

    def _words(self) -> None:
        """Turn their words into our values."""
        self.mapped: dict = {}
        self.outside = 0
        for name, role in _MAPPED.items():
            column = self._texts(role)
            if name == inputs.CONCERN and self.choices.scale and self.choices.fields.get(role):
                column, self.outside = words_module.rescale(column, self.choices.scale)
            self.mapped[name] = words_module.map_column(name, column, self.choices.words.get(name))
        category = self.mapped[inputs.CATEGORY]
        raw = self._texts("CATEGORY_FIELD")
        stated = np.array([r is not None and r.lower() not in words_module.EMPTY for r in raw], bool)
        self.other = stated & np.array([v is None for v in category.values], bool)
        category.values = np.where(self.other, "other", category.values)
        wish = self.mapped[inputs.WISH]
        wished = np.array([w is not None and w.lower() not in words_module.EMPTY for w in self._texts("WISH_FIELD")],
                          bool)
        wish.values = np.where(wished & np.array([v is None for v in wish.values], bool), "other", wish.values)
        source = self.mapped[inputs.SOURCE]
        if self.choices.source:
            source.values = np.where(np.array([v is None for v in source.values], bool), self.choices.source,
                                     source.values)
        languages = self._texts("LANG_FIELD")
        self.lang = np.array([words_module.language(t) for t in languages], object)
        self.lang_unknown = int(sum(t is not None and v is None for t, v in zip(languages, self.lang)))

    def _voices(self) -> tuple:
        name = self.choices.fields.get("VOICE_FIELD")
        if not name:
            return np.full(self.n, None, object), 0
        path = self.run.file("KEY_FILE") if self.run.has("KEY_FILE") else ""
        if path:
            try:
                key = Path(path).read_bytes()
            except OSError as error:
                raise InputError("KEY_FILE", "The key file cannot be read ({error}).",
                                 error=error.strerror or "") from error
            if len(key) < 16:
                raise InputError("KEY_FILE", "The key file holds {count} bytes; at least 16 are needed. Let a password"
                                 " manager make a long random text.", count=len(key))
        else:
            key = secrets.token_bytes(32)
        return importing.tokens(self.export.texts(name), key)

    # --- rows left out ---------------------------------------------------------------------
    def _leave_out(self) -> None:
        for state, text in preparing.REASONS.items():
            self.reason[self.state == state] = tr(text)
        consent = self.mapped[inputs.CONSENT].values
        self.declined = np.array([c == "none" for c in consent], bool)
        self.reason[self.declined] = tr("did not agree to be counted")
        every = [self.export.columns[n] for n in self.export.names]
        blank = np.ones(self.n, bool)
        for column in every:
            if isinstance(column, np.ndarray):
                blank &= np.array([t is None or not t.strip() for t in column], bool)
            else:
                blank &= np.isnat(column.values)
        self.reason[blank & np.array([r is not None for r in self.reason], bool)] = tr("empty row")

    def _repeats(self) -> importing.Repeats:
        """Find repeats among the rows that can be used, and leave out those that shall be dropped."""
        good = np.flatnonzero(np.array([r is None for r in self.reason], bool))
        category, said = self.mapped[inputs.CATEGORY].values, self._texts("TEXT_FIELD")
        alike = np.array([f"{category[k]} {said[k]}" for k in good], object)
        part = importing.find_repeats(self.ids[good], self.voice[good], self.x[good], self.y[good], self.day[good],
                                      alike)
        by_id, by_voice, stands = np.zeros(self.n, bool), np.zeros(self.n, bool), np.arange(self.n)
        by_id[good], by_voice[good], stands[good] = part.by_id, part.by_voice, good[part.stands]
        drop = self.run.choice("DROP")
        if drop in (1, 3) and not self.choices.fields.get("ID_FIELD"):
            raise InputError("ID_FIELD", "Repeats can only be dropped by id where there is one. Choose ID_FIELD, or"
                                         " drop"
                             " none (DROP 0).")
        if drop in (2, 3) and not (self.choices.fields.get("VOICE_FIELD") and "said" in self.times):
            raise InputError("VOICE_FIELD", "Repeats can only be dropped by voice, place and day where voice and day"
                                            " are"
                             " known. Choose VOICE_FIELD and DATE_FIELD, or drop none (DROP 0).")
        self.dropped = (by_id & (drop in (1, 3))) | (by_voice & (drop in (2, 3)))
        for k in np.flatnonzero(self.dropped):
            text = tr("repeats the id of row {row}, which is kept") if by_id[k] else \
                tr("repeats voice, place and day of row {row}, which is kept")
            self.reason[k] = text.format(row=int(stands[k]) + 1)
            self.what[k] = "repeat"
        return importing.Repeats(by_id, by_voice, stands, part.alike)

    def _round(self) -> None:
        step = self.run.number("ROUND_M")
        if step:
            self.x, self.y = importing.round_to(self.x, step), importing.round_to(self.y, step)

    def _bursts(self) -> list:
        """Look for bursts among the rows kept; days that say the month only cannot show any."""
        # the same report again is no further voice
        day = np.where(self.kept & ~self.repeats.by_id, self.day, np.datetime64("NaT", "D"))
        self.monthly = "said" in self.times and bool((self.times["said"].precision == "month").any())
        self.bursts_known = "said" in self.times and not self.monthly
        if not self.bursts_known:
            return []
        cell = np.full(self.n, None, object)
        some = np.flatnonzero(self.kept)
        cx, cy = (np.floor(v[some] / BURST_CELL).astype(np.int64) for v in (self.x, self.y))
        cell[some] = [f"{a} {b}" for a, b in zip(cx.tolist(), cy.tolist())]
        groups = {"category": self.mapped[inputs.CATEGORY].values, "place": cell, "org": self._texts("ORG_FIELD")}
        found = bursts_module.find(day, groups, self.run.stage(0.7, 0.75))
        return found + bursts_module.find_wording(day, self._texts("TEXT_FIELD"))

    # --- results ---------------------------------------------------------------------------
    def columns(self) -> dict:
        """Return the columns of the result, over the rows kept, in the order of community input."""
        k, said = self.kept, self._cut("TEXT_FIELD")
        numbered = np.array([i if i is not None else f"row {r + 1}" for r, i in enumerate(self.ids)], object)
        concern = self.mapped[inputs.CONCERN].values
        status = self.mapped[inputs.STATUS].values
        done = self._days("done")
        # Open311 tells no day of the end but that of the last change
        closed = np.isnat(done) & np.array([s == "done" for s in status], bool)
        done = np.where(closed, self._days("updated"), done)
        table = {
            inputs.INPUT_ID: numbered, inputs.CATEGORY: self.mapped[inputs.CATEGORY].values,
            inputs.CONCERN: np.ma.masked_array([int(c or 0) for c in concern], [c is None for c in concern]),
            inputs.DAY_PART: self.mapped[inputs.DAY_PART].values, inputs.SAID: said,
            inputs.WISH: self.mapped[inputs.WISH].values, inputs.SOURCE: self.mapped[inputs.SOURCE].values,
            inputs.ORGANISED: self._texts("ORG_FIELD"), inputs.SAID_ON: self.day, inputs.LANG: self.lang,
            inputs.CONSENT: self.mapped[inputs.CONSENT].values, inputs.VOICE: self.voice, inputs.STATUS: status,
            inputs.ACK_ON: self._days("ack"), inputs.WORK_ON: self._days("work"), inputs.DONE_ON: done,
            inputs.DECLINED_ON: self._days("declined"), inputs.RESPONSE: self._cut("RESPONSE_FIELD"),
            inputs.PHOTO: self.photo_paths,
        }
        repeats = np.where(self.repeats.by_id, "id", np.where(self.repeats.by_voice, "voice", None))
        table.update({fields.ADDRESS: self._texts("PLACE_FIELD"), fields.BURST: bursts_module.marks(self.n,
                                                                                                    self.bursts),
                      fields.REPEATS: repeats.astype(object), fields.SRC_ROW: np.arange(1, self.n + 1)})
        if self.practice is not None:
            table[inputs.PRACTICE] = self.practice
        return {name: column[k] for name, column in table.items()}

    @property
    def practice(self) -> np.ndarray | None:
        """Whether each row was made for practice; None where the export does not say."""
        if not self.choices.fields.get("PRACTICE_FIELD"):
            return None
        return np.array([(t or "").lower() in ("1", "true", "yes", "t") for t in self._texts("PRACTICE_FIELD")], bool)

    def _cut(self, role: str) -> np.ndarray:
        limit = inputs.TEXT_LENGTH
        return np.array([t if t is None or len(t) <= limit else f"{t[:limit - 1]}…" for t in self._texts(role)], object)

    def refused(self, photos: Any) -> dict:
        """Return the table of what was left out; a row of somebody who did not agree is not named by its id."""
        rows = np.flatnonzero(~self.kept)
        entries = [(int(r), self.what[r], None if self.declined[r] else self.ids[r], self.reason[r]) for r in rows]
        entries += [(row, "photo", self.ids[row], reason) for row, reason in photos.refused]
        entries.sort(key=lambda e: e[0])
        return {fields.SRC_ROW: np.array([e[0] + 1 for e in entries], np.int64),
                fields.LEFT_OUT: np.array([e[1] for e in entries], object),
                inputs.INPUT_ID: np.array([e[2] for e in entries], object),
                fields.REASON: np.array([e[3] for e in entries], object)}

    def reasons(self) -> list:
        """Return (reason, rows) of the rows left out, the most frequent first; repeats as one."""
        counts: Counter = Counter()
        for r in np.flatnonzero(~self.kept):
            text = self.reason[r]
            if self.what[r] == "repeat":
                text = tr("repeat of a row that is kept, by id") if self.repeats.by_id[r] else \
                    tr("repeat of a row that is kept, by voice, place and day")
            counts[text] += 1
        return counts.most_common()

    def safe_words(self) -> dict:
        """Return their words with our values, for the mapping: words of two rows and more that are not personal."""
        out: dict = {}
        for name, mapped in self.mapped.items():
            column = self._texts(_MAPPED[name])
            if name == inputs.CONCERN and self.choices.scale:
                continue
            rows = Counter(t for t in column if t is not None)
            if self.choices.fields.get(_MAPPED[name]) in self.scan.columns:
                continue
            pairs = {w: mapped.known.get(w, "other" if name in (inputs.CATEGORY, inputs.WISH) else "")
                     for w in rows if rows[w] >= 2 and safe(w) and (w in mapped.known or w in mapped.unknown)}
            pairs = {w: v for w, v in pairs.items() if v and words_module.plain(w)}
            told = self.choices.words.get(name, {})
            pairs.update({w: v for w, v in told.items() if w not in {words_module.plain(p) for p in pairs}})
            if pairs:
                out[name] = dict(sorted(pairs.items()))
        return out

    def numbers(self) -> dict:
        """Return the declared numbers; the rows add up."""
        kept = int(self.kept.sum())
        voice = {v for v, k in zip(self.voice, self.kept) if k and v is not None}
        return {
            "ROWS_IN": self.n, "WRITTEN": kept, "LEFT_OUT": self.n - kept, "PERSONAL_FOUND": self.scan.total,
            "NO_CONSENT": int(self.declined.sum()), "REPEATS_ID": int(self.repeats.by_id.sum()),
            "REPEATS_VOICE": int(self.repeats.by_voice.sum()), "REPEATS_DROPPED": int(self.dropped.sum()),
            "VOICES": len(voice), "BURSTS": len(self.bursts),
            "IN_BURSTS": len({int(r) for b in self.bursts for r in b.rows}),
            "DATE_UNKNOWN": int((np.isnat(self.day) & self.kept).sum()),
        }

    def summary(self) -> str:
        """Return one sentence that adds the rows up."""
        n, number = self.numbers(), formats.number
        parts = [tr("{count} reports ({share})").format(
            count=number(n["WRITTEN"]), share=formats.percent(n["WRITTEN"] / max(self.n, 1), 1))]
        if n["VOICES"]:
            parts.append(tr("{count} voices").format(count=number(n["VOICES"])))
        parts.append(tr("{count} rows left out, each listed with its reason").format(count=number(n["LEFT_OUT"]))
                     if n["LEFT_OUT"] else tr("no row left out"))
        parts.append(tr("personal data removed from {count} cells").format(count=number(n["PERSONAL_FOUND"]))
                     if n["PERSONAL_FOUND"] else tr("no personal data found"))
        text = tr("{rows} rows of {name} gave {parts}").format(
            rows=number(self.n), name=self.export.name, parts=", ".join(parts))
        known = self.day[self.kept & ~np.isnat(self.day)]
        return text + (tr("; said {when}.").format(when=formats.period(known.min(), known.max(),
                                                                       self.monthly)) if len(known) else
                       tr("; without dates."))

    # --- words -----------------------------------------------------------------------------
    def _tell(self) -> None:
        run, n, number = self.run, self.numbers(), formats.number
        if n["PERSONAL_FOUND"]:
            run.warn(tr("Personal data were found in {count} cells and removed ({kinds}). Names in running text that"
                        " nothing announces cannot be found by any pattern: read the texts before they are shown to"
                        " anybody.").format(count=number(n["PERSONAL_FOUND"]), kinds=self.scan.words()))
        if self.scan.places:
            run.info(tr("Address of a place, not of a person: {names}.").format(
                names=", ".join(personal.clean(p)[0] for p in self.scan.places)))
        if n["NO_CONSENT"]:
            run.warn(tr("Rows of residents who did not agree to be counted, left out: {count}.").format(
                count=number(n["NO_CONSENT"])))
        if not self.choices.fields.get("CONSENT_FIELD"):
            run.warn(tr("The export does not say whether residents agreed (no consent column). Make sure that they were"
                        " told what their reports are used for."))
        else:
            unsaid = int(sum(v is None for v, k in zip(self.mapped[inputs.CONSENT].values, self.kept) if k))
            if unsaid:
                run.warn(tr("Rows that do not say whether the resident agreed, kept: {count}.").format(
                    count=number(unsaid)))
        for name in (inputs.CATEGORY, inputs.WISH, inputs.STATUS, inputs.DAY_PART, inputs.CONCERN, inputs.SOURCE):
            mapped = self.mapped[name]
            if mapped.unknown:
                run.warn(tr("{field}: {count} rows have words that are not known{kept}. {words} Explain them with"
                            " VALUES or"
                            " in the saved mapping.").format(
                    field=name, count=number(sum(mapped.unknown.values())), words=self.unknown_words(name),
                    kept=tr(" and are 'other'") if name in (inputs.CATEGORY, inputs.WISH) else tr(" and stay empty")))
            if mapped.several:
                run.warn(tr("{field}: {count} rows name several things; the first is kept.").format(
                    field=name, count=number(mapped.several)))
        cut = sum(t is not None and len(t) > inputs.TEXT_LENGTH for role in ("TEXT_FIELD", "RESPONSE_FIELD")
                  for t in self._texts(role))
        if cut:
            run.info(tr("Texts longer than {length} signs that were cut: {count}.").format(
                length=inputs.TEXT_LENGTH, count=number(cut)))
        if self.outside:
            run.warn(tr("{count} values of concern lie outside the scale and stay empty.").format(count=self.outside))
        if n["REPEATS_ID"] or n["REPEATS_VOICE"] or self.repeats.alike:
            run.info(tr("Repeats: {ids} by id, {voices} by voice, place and day; {alike} more are alike in place, day,"
                        " category and words but may be different people. Dropped: {dropped}.").format(
                ids=number(n["REPEATS_ID"]), voices=number(n["REPEATS_VOICE"]), alike=number(self.repeats.alike),
                dropped=number(n["REPEATS_DROPPED"])))
        if self.bursts:
            run.warn(tr("{count} bursts hold {rows} reports (field burst): their number may show a campaign."
                        " Nothing"
                        " was dropped.").format(count=len(self.bursts), rows=number(n["IN_BURSTS"])))
        if self.practice is not None and self.practice.any():
            run.warn(tr("These data were made for practice."))
        self._tell_voices()

    def _tell_voices(self) -> None:
        run = self.run
        if not self.choices.fields.get("VOICE_FIELD"):
            run.info(tr("No column tells who spoke (VOICE_FIELD): reports can be counted, voices cannot."))
            return
        counts = Counter(v for v, k in zip(self.voice, self.kept) if k and v is not None)
        most = max(counts.values(), default=0)
        if most >= 20 and most > 0.25 * self.kept.sum():
            run.warn(tr("One voice made {count} of {rows} reports. If the column names a shared tablet or an"
                        " interviewer,"
                        " it is no voice: choose another, or none.").format(
                count=formats.number(most), rows=formats.number(int(self.kept.sum()))))
        if not self.run.has("KEY_FILE"):
            run.info(tr("Voices have tokens under a key that was drawn for this run and is not kept: they cannot be"
                        " matched"
                        " with another import. Give a KEY_FILE for that."))

    def unknown_words(self, name: str) -> str:
        """Return the words of a column that are not known, as far as they may be shown."""
        unknown = sorted(self.mapped[name].unknown.items(), key=lambda item: -item[1])
        secret = self.choices.fields.get(_MAPPED[name]) in self.scan.columns
        some = [w for w, count in unknown if count >= 2 and safe(w) and not secret][:12]
        hidden = len(unknown) - len(some)
        text = "; ".join(some)
        if hidden:
            text = (text + "; " if text else "") + tr("{count} not shown").format(count=hidden)
        return tr("Words: {words}.").format(words=text)


def safe(word: str) -> bool:
    """Whether a word of a column may be shown: short, and nothing personal in it."""
    return len(word) <= 60 and "[" not in word and not personal.find(personal.plain(word))
