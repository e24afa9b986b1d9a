"""Words, places, voices, repeats and bursts of an import."""

from __future__ import annotations

import hashlib
import hmac

import numpy as np
import pytest

from hotspot_plugin.analysis.community import bursts
from hotspot_plugin.analysis.community import importcommunityinput as importing
from hotspot_plugin.analysis.community import importwords as words
from hotspot_plugin.analysis.errors import InputError


def column(*texts):
    return np.array(texts, object)


@pytest.mark.parametrize(("name", "theirs", "ours"), [
    ("category", "Street Light Out", "light"), ("category", "Graffiti", "damage"), ("category", "Illegal Dumping",
                                                                                    "rubbish"),
    ("category", "BURGLARY", "theft"), ("category", "aggravated assault", "violence"), ("category", "Alumbrado",
                                                                                        "light"),
    ("category", "noise", "disorder"), ("category", "Traffic light", "traffic"), ("category", "Lärm", "disorder"),
    ("category", "Abandoned vehicle", "vehicle"), ("category", "Quux", None), ("category", "n/a", None),
    ("status", "open", "new"), ("status", "closed", "done"), ("status", "In Progress", "in work"),
    ("status", "Duplicate (closed)", "declined"), ("status", "Erledigt", "done"), ("status", "acknowledged",
                                                                                   "acknowledged"),
    ("consent", "yes", "count"), ("consent", "No", "none"), ("consent", "0", "none"), ("consent", "true", "count"),
    ("consent", "Sí", "count"), ("consent", "you may quote me", "quote"), ("consent", "none", "none"),
    ("day_part", "at night", "night"), ("day_part", "22:30", "evening"), ("day_part", "11:15 pm", "night"),
    ("day_part", "2024-05-03T05:59:00+02:00", "night"), ("day_part", "mañana", "morning"), ("day_part", "7am",
                                                                                            "morning"),
    ("concern", "5", "5"), ("concern", "Very worried", "5"), ("concern", "not at all", "1"), ("concern", "3 -"
                                                                                                         " somewhat",
                                                                                                         "3"),
    ("concern", "worried", "3"), ("concern", "8", None), ("concern", "A little", "2"), ("wish", "More police"
                                                                                                " patrols", "patrol"),
    ("source", "Web", "portal"),
])
def test_words_become_values(name, theirs, ours):
    mapped = words.map_column(name, column(theirs))
    assert mapped.values[0] == ours
    assert bool(mapped.unknown) == (ours is None and theirs != "n/a")


def test_told_words_come_first_and_choices_with_spaces_are_several():
    told = words.read_values("category: Street Light Out = damage; status: Erledigt = declined")
    assert words.map_column("category", column("street light out"), told["category"]).values[0] == "damage"
    mapped = words.map_column("category", column("light rubbish", "light, drugs", "theft"))
    assert mapped.values.tolist() == ["light", "light", "theft"] and mapped.several == 2


@pytest.mark.parametrize("text", ["category = light", "colour: red = light", "category: red = blue", "status: x ="
                                                                                                     " closed"])
def test_words_that_cannot_be_understood_are_refused(text):
    with pytest.raises(InputError):
        words.read_values(text)


def test_a_scale_is_converted_only_as_told():
    assert words.read_scale("") is None
    out, outside = words.rescale(column("0", "2.5", "5", "7", "10", "11", "x", None), words.read_scale("0-10"))
    # 1 + 4 v / 10, halves upwards
    assert out.tolist() == ["1", "2", "3", "4", "5", None, None, None] and outside == 2
    assert words.rescale(column("1", "5"), words.read_scale("5-1"))[0].tolist() == ["5", "1"]
    with pytest.raises(InputError, match="no scale"):
        words.read_scale("ten")


@pytest.mark.parametrize(("text", "code"), [("English (en)", "en"), ("es-MX", "es-mx"), ("Français", "fr"),
                                            ("default", None),
                                            ("Klingon", None), ("", None)])
def test_languages(text, code):
    assert words.language(text) == code


def test_geopoints_of_all_makes():
    texts = column("52.95 -1.15 40.1 4.5", "[52.95, -1.15]", "POINT (-1.15 52.95)", "52.95,-1.15", "", "near the park")
    x, y = importing.read_geopoints(texts)
    assert x.tolist() == ["-1.15"] * 4 + [None, "near the park"] and y.tolist()[:4] == ["52.95"] * 4
    assert importing.is_geopoint(texts[:4]) and not importing.is_geopoint(column("near the park", "12"))


def test_systems_and_columns_are_found():
    names = ["SubmissionDate", "grp-location-Latitude", "grp-location-Longitude", "grp-description",
             "meta-instanceID", "KEY"]
    assert importing.shape_of(names) == "ODK"
    found = importing.guess(names, False, {})
    assert found["X_FIELD"] == "grp-location-Longitude" and found["TEXT_FIELD"] == "grp-description"
    label = importing.guess(["How worried are you about it?", "Please describe the problem"], True, {})
    assert label == {"CONCERN_FIELD": "How worried are you about it?", "TEXT_FIELD": "Please describe the problem"}


def test_a_voice_is_a_keyed_hash():
    key = b"k" * 32
    out, voices = importing.tokens(column("Device A", "device  a", "B", "anonymous", None), key)
    assert out[0] == out[1] != out[2] and out[3] is None and out[4] is None and voices == 2
    assert out[0] == "v" + hmac.new(key, b"device a", hashlib.sha256).hexdigest()[:16]
    assert importing.tokens(column("Device A"), b"o" * 32)[0][0] != out[0]


def test_repeats_by_id_and_by_voice_place_and_day():
    day = np.array(["2024-05-01"] * 5 + ["2024-05-02"], "M8[D]")
    x = np.array([0.0, 100.0, 0.2, 0.0, 500.0, 0.0])
    found = importing.find_repeats(column("a", "a", "b", "c", "d", "e"), column("v1", "v2", "v1", "v1", "v1", "v1"), x,
                                   np.zeros(6), day, column(*"uvwxyz"))
    # the last row of an id stands; of a voice the first; row 0 is a repeat by id, so row 2 is the first of v1 there
    assert found.by_id.tolist() == [True] + [False] * 5
    assert found.by_voice.tolist() == [False, False, False, True, False, False]
    assert found.stands.tolist() == [1, 1, 2, 2, 4, 5]


def test_rounding_moves_to_the_middle_of_a_cell():
    assert importing.round_to(np.array([0.0, 99.9, 100.0, -0.1]), 100).tolist() == [50.0, 50.0, 150.0, -50.0]


def made(rng, n=400, days=365):
    day = np.datetime64("2024-01-01") + rng.integers(0, days, n)
    groups = {"category": rng.choice(["a", "b", "c"], n).astype(object),
              "place": rng.choice(40, n).astype(str).astype(object),
              "org": rng.choice([None, "x", "y"], n)}
    return day.astype("M8[D]"), groups


def test_a_campaign_is_found_and_its_rows_are_marked():
    day, groups = made(np.random.default_rng(3))
    day[:14], groups["org"][:14] = np.datetime64("2024-06-10") + np.arange(14) % 3, "Street watch"
    found = bursts.find(day, groups)
    hit = next(b for b in found if b.what == "org")
    assert hit.group == "Street watch" or set(range(14)) <= set(hit.rows.tolist())
    assert set(range(14)) <= set(hit.rows.tolist()) and hit.p <= bursts.LEVEL
    assert all("org" in (m or "") for m in bursts.marks(len(day), found)[:14])


def test_files_without_bursts_are_hardly_ever_flagged():
    """At the stated rate of one in a hundred, more than 4 of 100 would come with a chance of 0.3 %."""
    flagged = sum(bool(bursts.find(*made(np.random.default_rng(seed)))) for seed in range(100))
    assert flagged <= 4


def test_weekdays_and_seasons_are_no_bursts():
    """Twelve of 150 such files were flagged while a level year was assumed."""
    weight = np.tile([1, 1, 1, 1, 1.3, 0.6, 0.5], 53)[:365] * (1 + 0.3 * np.sin(np.arange(365) / 58))
    flagged = 0
    for seed in range(40):
        rng = np.random.default_rng(seed)
        day = np.datetime64("2024-01-01") + rng.choice(365, 3000, p=weight / weight.sum())
        flagged += bool(bursts.find(day.astype("M8[D]"), {"category": rng.choice(["a", "b"], 3000, p=[0.7, 0.3])}))
    assert flagged <= 1


def test_a_busy_season_of_all_is_no_burst_of_one():
    """Every group doubles in the same month: the others show that it is the season."""
    rng = np.random.default_rng(5)
    day, groups = made(rng, 3000)
    day[:900] = np.datetime64("2024-07-01") + rng.integers(0, 30, 900)
    assert not [b for b in bursts.find(day, groups) if b.what != "all"]


def test_the_tail_is_the_published_one():
    """Against scipy's hypergeometric tail, by hand for one window."""
    from scipy.stats import hypergeom

    day = np.repeat(np.datetime64("2024-01-01") + np.arange(60), 10).astype("M8[D]")
    group = np.array(["rest"] * 600, object)
    group[100:108] = "club"  # eight of the ten reports of one day
    hit = next(b for b in bursts.find(day, {"org": group}) if b.group == "club")
    tests = 3 * (60 + 58 + 54)
    assert hit.days == 1 and hit.p == pytest.approx(hypergeom.sf(7, 600, 8, 10) * tests)


def test_the_same_words_within_a_week_are_told():
    day = np.datetime64("2024-05-01") + np.array([0, 1, 2, 3, 4, 40])
    text = column(*["Please close the dangerous crossing on Elm Street!"] * 5, "please CLOSE the dangerous crossing"
                                                                               " on elm street")
    found = bursts.find_wording(day.astype("M8[D]"), text)
    assert len(found) == 1 and found[0].rows.tolist() == [0, 1, 2, 3, 4] and found[0].days == 5
