"""What a handout may say: words for changes, voices, texts; which entries of a register are public."""

from __future__ import annotations

import numpy as np
import pytest

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.analysis.privacy.disclosure import Rules
from hotspot_plugin.analysis.problems import handoutitems as kinds
from hotspot_plugin.analysis.problems import meetingsheet as analysis
from hotspot_plugin.analysis.problems import phrases
from hotspot_plugin.analysis.problems import register as r

DAY = np.datetime64


def test_words_for_changes():
    now, before = [100, 160, -1, 50, 40, 105], [200, 150, 30, -1, 40, 100]
    assert analysis.verdicts(np.array(now), np.array(before), 92.0, 92.0) == [
        analysis.DOWN, analysis.CHANCE, analysis.NONE, analysis.NO_BEFORE, analysis.SAME, analysis.CHANCE]
    # a leap year's quarter is a day longer, which alone makes no change
    assert analysis.verdicts(np.array([910]), np.array([900]), 91.0, 90.0) == [analysis.CHANCE]


def test_chance_on_many_sheets_is_told_on_few():
    """Where nothing changed, words of more or fewer stand on a sheet of hardly any batch (Benjamini-Hochberg)."""
    rng = np.random.default_rng(8)
    batches = [analysis.verdicts(rng.poisson(60, 30), rng.poisson(60, 30), 92.0, 92.0) for _ in range(200)]
    wrong = sum(any(word in (analysis.UP, analysis.DOWN) for word in batch) for batch in batches)
    assert wrong <= 0.05 * 200 + 2 * np.sqrt(0.05 * 0.95 * 200)
    plain = sum(abs(a - b) > 1.96 * np.sqrt(a + b) for a, b in zip(rng.poisson(60, 6000), rng.poisson(60, 6000)))
    assert plain / 200 > 1  # without it more than one sheet of each batch would say so


def test_voices_count_once_and_few_are_not_told():
    zone = np.array([0] * 14 + [1] * 9 + [-1] * 20)
    voice = np.array([*range(12), 0, 0, *range(20, 29), *range(40, 60)])
    category = np.array(["light"] * 12 + ["light", "other"] + ["theft"] * 29, object)
    wish = np.full(43, None, object)
    one, two = analysis.said(zone, voice, category, wish, 2, Rules(10, 5))
    assert (one.voices, one.topics, one.wishes) == (10, [("light", 10)], [])
    assert (two.voices, two.topics) == (-1, [])
    last = analysis.said(np.zeros(30, int), np.arange(30), np.array(["other"] * 20 + ["light"] * 10, object),
                         wish[:30], 1, Rules(10, 5))[0]
    assert last.topics == [("light", 10), ("other", 20)]


def test_texts_end_at_a_word():
    assert analysis.shortened(" two\n words ") == "two words"
    cut = analysis.shortened("word " * 60)
    assert len(cut) <= analysis.LONGEST + 1 and cut.endswith("word …")
    assert analysis.without_stop("Done. ") == "Done"


# --- a register ----------------------------------------------------------------------------------
def tables(**rows):
    return {**{name: [] for name in r.TABLES}, **rows}


def problem(key, visible="public", **more):
    return {"prob_id": key, "title": f"Problem {key}", "visible": visible, "stage": "respond", **more}


def action(key, state="done", visible="public", prob="p", **more):
    return {"action_id": key, "prob_id": prob, "action": f"Action {key}", "state": state, "visible": visible,
            "done_on": DAY("2024-10-10"), **more}


def found(given, chosen=("p",), meetings=("m",)):
    out = kinds.items(given, set(chosen), set(meetings), DAY("2024-09-01"), DAY("2024-10-31"))
    return kinds.ordered(out)


@pytest.mark.parametrize("visible, of_problem, shown", [
    ("public", "public", 1), ("internal", "public", 0), ("partners", "public", 0), ("", "public", 0),
    ("public", "internal", 0), ("public", "partners", 0), ("public", "", 0)])
def test_only_what_is_public_in_both(visible, of_problem, shown):
    out = found(tables(problems=[problem("p", of_problem)], actions=[action("a", visible=visible)]))
    assert (len(out.did), out.hidden) == (shown, 1 - shown)


def test_deliveries_follow_their_action_and_problem():
    rows = [{"deliv_id": str(i), "prob_id": "p", "action_id": "a", "deliv_on": DAY("2024-10-01") + i,
             "kind": "patrol", "minutes": 40.0} for i in range(4)]
    rows.append({"deliv_id": "late", "prob_id": "p", "action_id": "a", "deliv_on": DAY("2024-12-01"), "minutes": 999.0})
    for visible, count in (("public", 1), ("internal", 0)):
        out = found(tables(problems=[problem("p")], actions=[action("a", "under way", visible)], deliveries=rows))
        assert len(out.did) == count
    out = found(tables(problems=[problem("p")], actions=[action("a", "under way")], deliveries=rows))
    assert (out.did[0].kind, out.did[0].count, out.did[0].minutes) == (kinds.TIMES, 4, 160.0)
    # an action that is told as done is not told again by its deliveries
    assert len(found(tables(problems=[problem("p")], actions=[action("a")], deliveries=rows)).did) == 1


def test_order_repeats_and_what_is_late():
    rows = [action("a", done_on=DAY("2024-09-02")), action("b", done_on=DAY("2024-10-02")),
            action("c", "planned", due_on=DAY("2025-01-01")), action("d", "under way", due_on=DAY("2024-10-01")),
            action("e", "planned"), action("f", done_on=DAY("2024-10-02"), action="Action b"),
            action("g", done_on=DAY("2024-08-31")), action("h", done_on=None), action("i", prob="elsewhere")]
    out = found(tables(problems=[problem("p"), problem("elsewhere")], actions=rows))
    assert [entry.what for entry in out.did] == ["Action b", "Action a"]
    assert [(entry.what, entry.kind) for entry in out.next] == [
        ("Action d", kinds.LATE), ("Action c", kinds.OPEN), ("Action e", kinds.OPEN)]


def test_a_problem_comes_next_where_no_action_of_it_does():
    out = found(tables(problems=[problem("p", due_on=DAY("2025-02-01"), owner="inspector")]))
    assert [(e.what, e.who, e.kind) for e in out.next] == [("Problem p", "inspector", kinds.OPEN)]
    assert not found(tables(problems=[problem("p", due_on=DAY("2025-02-01"), stage="closed")])).next
    rows = [action("c", "planned")]
    assert [e.what for e in found(tables(problems=[problem("p", due_on=DAY("2025-02-01"))], actions=rows)).next] == [
        "Action c"]


@pytest.mark.parametrize("name, text", [("action", "Call on Mrs Jones"), ("owner", "ann.lee@example.org"),
                                        ("result", "She lives at 12 Oak Street"), ("action", "Fence at 7 Cross Road"),
                                        ("action", "Licht in der Hauptstraße 12"), ("action", "Luz en Calle Mayor 5")])
def test_texts_that_point_to_a_person_are_held_back(name, text):
    row = action("a", "dropped" if name == "result" else "done", **{name: text})
    out = found(tables(problems=[problem("p")], actions=[row]))
    assert not out.did and not out.declined and [entry.source for entry in out.held] == ["actions a"]


@pytest.mark.parametrize("text", [
    "Six lamps repaired on Station Road", "Two visits a day near 4th Avenue", "Patrol of the 1200 block of Main Street",
    "31XX Grandview Hwy: rack moved", "Bins emptied at 3 places on Mill Lane", "Meeting with 24 Friends of the Park"])
def test_streets_without_a_house_are_printed(text):
    assert [entry.what for entry in found(tables(problems=[problem("p")], actions=[action("a", action=text)])).did] == [
        text]


def test_meetings():
    rows = [{"meet_id": "m", "kind": "meeting", "held_on": DAY("2024-06-01"), "visible": "public",
             "next_on": DAY("2024-09-01")},
            {"meet_id": "n", "kind": "meeting", "held_on": DAY("2024-09-01"), "next_on": DAY("2024-12-01"),
             "visible": "public"},
            {"meet_id": "o", "kind": "walk", "held_on": DAY("2024-10-01"), "visible": "public"},
            {"meet_id": "x", "kind": "meeting", "held_on": DAY("2024-10-05"), "visible": "public"},
            {"meet_id": "i", "kind": "meeting", "held_on": DAY("2024-11-15"), "visible": "internal"}]
    keys, until = {"m", "n", "o", "i"}, DAY("2024-10-31")
    given = tables(meetings=rows)
    assert kinds.last_meeting(given, keys, until) == DAY("2024-09-01")
    assert kinds.next_meeting(given, keys, until) == DAY("2024-12-01")  # the internal one of November is not announced
    assert kinds.last_meeting(given, {"o"}, until) is None


# --- phrases --------------------------------------------------------------------------------------
SHIPPED = {"en": {"a": "{n} things", "b": "Word"}, "es": {"a": "{n} cosas", "b": "Palabra"}, "xx": {"a": "{n} x"}}


def test_languages_are_whole_or_refused():
    assert phrases.choose(SHIPPED, {"es-MX": {"b": "Vocablo"}}, "es-MX", "P")["b"] == "Vocablo"
    assert phrases.choose(SHIPPED, {"xx": {"b": "xb"}}, "xx", "P") == {"a": "{n} x", "b": "xb"}
    for given, language in (({}, "xx"), ({}, "pt"), ({"es": {"a": "cosas"}}, "es"), ({"es": {"a": "{n} {m}"}}, "es"),
                            ({"es": {"a": "{n.__class__}"}}, "es"), ({"es": {"a": "{0}"}}, "es")):
        with pytest.raises(InputError):
            phrases.choose(SHIPPED, given, language, "P")
    assert phrases.complete(SHIPPED, {"xx": {"b": "xb"}}) == ["en", "es", "xx"]


def test_texts_of_the_data_are_marked_where_they_are_not_translated():
    main = phrases.Phrases("en", {"format.other": "{text} ({language})", "Theft": "Thefts"})
    other = phrases.Phrases("es", {"format.other": "{text} ({language})", "Theft": "Robos"})
    assert (main.own("Theft", main), main.own("Fraud", main), main.missed) == ("Thefts", "Fraud", [])
    assert (other.own("Theft", main), other.own("Fraud", main), other.own("555 0100", main)) == (
        "Robos", "Fraud (en)", "555 0100")
    assert other.missed == ["Fraud"] and other.name("Mill End") == "Mill End"
    assert phrases.Phrases("ar-EG", {}).right_to_left and not phrases.Phrases("es", {}).right_to_left


def test_the_shipped_languages_are_whole():
    from pathlib import Path

    text = (Path(phrases.__file__).parents[2] / "phrases" / "handout.csv").read_text(encoding="utf-8")
    shipped = phrases.read(text)
    assert phrases.complete(shipped, {}) == ["de", "en", "es", "fr"]
    for language in shipped:
        phrases.choose(shipped, {}, language, "P")
    # no phrase stands twice, none was left in English
    keys = [line.split(",")[0] for line in text.splitlines()]
    assert len(keys) == len(set(keys))
    for language in ("es", "fr", "de"):
        same = [key for key, phrase in shipped["en"].items() if phrase == shipped[language][key]
                and any(letter.isalpha() for letter in phrase.replace("{", " ").split("}")[-1])]
        assert not same, language
