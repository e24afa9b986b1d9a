"""From an export of reports to community input: fields found, places read, voices hidden, repeats.

Exports of KoBoToolbox, ODK Central, Survey123 and Open311 (GeoReport v2) are known by their
columns; their conventions are those of their documentation: group paths (``grp/field``, ODK
``grp-field``), a geopoint as "latitude longitude altitude accuracy", ``_geolocation`` as
[latitude, longitude], choices separated by spaces.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass

import numpy as np

from ..data.mapping import NAMES
from ..privacy.personalcolumns import words_of

FIELD_ROLES = {
    "ID_FIELD": "inputid id uuid globalid instanceid key servicerequestid uniquekey srnumber caseenquiryid requestid"
                " ticketid casenumber caseid"
                " objectid reportid",
    "DATE_FIELD": "saidon requesteddatetime opendt reporteddate datereported reportdate today start surveydate"
                  " interviewdate"
                  " dateofreport"
                  " submissiontime submissiondate creationdate createddate createdat createdon date datetime start"
                  " fecha"
                  " datum timestamp incidentdate occurdate occurreddate dateoccurred offensedate offensestart"
                  " datesingle"
                  " fechahecho month",
    "CATEGORY_FIELD": "category servicename complainttype srtype casetitle concerntype issue issuetype problem"
                      " problemtype kind topic categoria tipo"
                      " problema categorie thema servicecode requesttype offensetype offense crimetype type subject",
    "CONCERN_FIELD": "concern concernlevel worry worried worrylevel howworried level severity preocupacion inquietude"
                     " sorge"
                     " concernscale rating",
    "DAY_PART_FIELD": "daypart timeofday partofday whenofday timeofproblem whenhappens momento horario momentdujour"
                      " tageszeit"
                      " when",
    "TEXT_FIELD": "said description comment comments remarks remark notes note details text message story what"
                  " descripcion comentario commentaire bemerkung beschreibung observacion",
    "WISH_FIELD": "wish wishes request whatshouldbedone action desiredaction suggestion deseo souhait wunsch",
    "SOURCE_FIELD": "source channel origin method via fuente kanal",
    "ORG_FIELD": "org organisation organization partner group association organisedby organizedby",
    "LANG_FIELD": "lang language idioma langue sprache locale",
    "CONSENT_FIELD": "consent agree agreed permission consentimiento consentement einwilligung informedconsent",
    "VOICE_FIELD": "voiceid voice respondentid participantid deviceid accountid username",
    "STATUS_FIELD": "status state requeststatus estado statut stand",
    "RESPONSE_FIELD": "response statusnotes resolutiondescription resolution answer outcome respuesta reponse antwort"
                      " resolutionnotes",
    "ACK_FIELD": "ackon acknowledged acknowledgedat dateacknowledged acknowledgeddate",
    "WORK_FIELD": "workon startedat workstarted inprogressdate",
    "DONE_FIELD": "doneon closeddt closedat closeddate dateclosed resolvedat completiondate completedat closeddatetime",
    "DECLINED_FIELD": "declinon declinedat rejectedat",
    "UPDATED_FIELD": "updateddatetime updatedat lastupdated updateddate",
    "PHOTO_FIELD": "photo picture image photos foto mediaurl attachment imagen bild",
    "PLACE_FIELD": "incidentaddress locationaddress siteaddress placeaddress address addressstring location block"
                   " hundredblock where crossstreet",
    "PRACTICE_FIELD": "practice",
}
#: role of a report -> that of an incident
_INCIDENT = {"DATE_FIELD": "DATE_FIELD", "ID_FIELD": "ID_FIELD", "CATEGORY_FIELD": "TYPE_FIELD"}
ROLES = ("X_FIELD", "Y_FIELD", "GEOPOINT_FIELD", *FIELD_ROLES)
SETTINGS = ("CRS", "DATE_ORDER", "CONCERN_SCALE", "SOURCE", "ENCODING", "ROUND_M")
KIND = "crime hotspots community input mapping"
#: columns that tell a system by themselves
SHAPES = {
    "Open311": {"servicerequestid"},
    "KoBoToolbox": {"submissiontime", "uuid"},
    "ODK": {"submissiondate", "key"},
    "Survey123": {"globalid", "creationdate"},
}
#: source of a report, by the system that it comes from
SOURCE_OF = {"Open311": "portal", "KoBoToolbox": "survey", "ODK": "survey", "Survey123": "survey"}
#: answers of a voice column that name nobody
NOBODY = {"", "anonymous", "anon", "none", "unknown", "na", "n/a", "nan", "null", "guest", "public", "-", "admin"}


#: role -> words of a question that is asked in full, as column labels of surveys are
HINTS = {
    "CATEGORY_FIELD": ("category", "kind of problem", "type of problem", "kind of issue", "type of issue", "what is"
                                                                                                           " the"
                                                                                                           " problem",
                       "categoria", "tipo de problema", "type de probleme", "art des problems"),
    "CONCERN_FIELD": ("worried", "concerned", "how worrying", "level of concern", "preocupa", "inquiet", "besorgt"),
    "DAY_PART_FIELD": ("time of day", "part of the day", "what time", "momento del dia", "tageszeit"),
    "TEXT_FIELD": ("describe", "description", "comments", "tell us", "what happened", "in your own words", "descrip"),
    "WISH_FIELD": ("should be done", "would you like", "what would help", "wish", "que desea", "souhaitez", "wunsch"),
    "CONSENT_FIELD": ("consent", "do you agree", "agree to", "consentimiento", "consentement", "einwilligung"),
    "LANG_FIELD": ("language",),
    "ORG_FIELD": ("organisation", "organization", "association"),
    "PHOTO_FIELD": ("photo", "picture"),
    "DATE_FIELD": ("date of", "date and time", "when did"),
}


def short(name: str) -> str:
    """Return the last part of a column's name in plain letters."""
    return "".join(words_of(name))


def shape_of(names: list) -> str:
    """Return the system that an export comes from, "" where its columns do not tell."""
    there = {short(n) for n in names}
    return next((system for system, needed in SHAPES.items() if needed <= there), "")


def guess(names: list, located: bool, taken: dict, free: set | None = None) -> dict:
    """Find columns by their names, the group that they stand in not counted.

    Parameters
    ----------
    names : list of str
    located : bool
        Whether the rows have places of their own.
    taken : dict
        Role -> column, chosen before.
    free : set of str, optional
        Columns that may be taken; all if None.

    Returns
    -------
    dict
        Role -> column, only those found.
    """
    left = [n for n in names if n not in taken.values() and (free is None or n in free)]
    # "grp-field" of ODK: the whole name first, then what follows the group
    keys: dict[str, str] = {}
    for name in left:
        keys.setdefault(short(name), name)
    for name in left:
        if "-" in name:
            keys.setdefault(short(name.rsplit("-", 1)[1]), name)
    found: dict[str, str] = {}
    if not located and not any(taken.get(r) for r in ("X_FIELD", "Y_FIELD", "GEOPOINT_FIELD")):
        found.update(_coordinates([n for n in names if n not in taken.values()]))
    for role, texts in FIELD_ROLES.items():
        if taken.get(role):
            continue
        # then the names of incidents, as agencies export these too
        known = f"{texts} {NAMES.get(_INCIDENT.get(role, ''), '')}".split()
        match = next((keys[k] for k in known if k in keys and keys[k] not in found.values()), None)
        if match:
            found[role] = match
    for role, hints in HINTS.items():
        if taken.get(role) or found.get(role):
            continue
        free_ones = [n for n in left if n not in found.values()]
        match = next((n for hint in hints for n in free_ones if hint in " ".join(words_of(n))), None)
        if match:
            found[role] = match
    return found


def _coordinates(names: list) -> dict:
    """Return the pair of coordinate columns, or the column of a geopoint.

    ``start-geopoint`` is where the device was when the form was opened, often a home, and only taken for want of
    another.
    """
    names = sorted(names, key=lambda n: "startgeopoint" in re.sub(r"[\W_]+", "", n.lower()))
    lower: dict[str, str] = {}
    for name in names:
        lower.setdefault(re.sub(r"[\W_]+", "", name.lower()), name)
    for x, y in (("longitude", "latitude"), ("longitud", "latitud"), ("lon", "lat"), ("long", "lat"), ("lng", "lat")):
        for key, name in lower.items():
            if key.endswith(x) and key[:-len(x)] + y in lower and (len(x) > 4 or key == x or re.search(
                    rf"[_/\-. ]{x}$", name.lower())):
                return {"X_FIELD": name, "Y_FIELD": lower[key[:-len(x)] + y]}
    for name in names:
        if short(name) in ("geopoint", "gps", "gpslocation", "geolocation", "coordinates", "latlong", "latlon",
                           "mappoint"):
            return {"GEOPOINT_FIELD": name}
    for x, y in (("x", "y"), ("xcoord", "ycoord"), ("easting", "northing"), ("coordx", "coordy"), ("pointx", "pointy")):
        if x in lower and y in lower:
            return {"X_FIELD": lower[x], "Y_FIELD": lower[y]}
    return {}


_POINT = re.compile(r"\s*[\[(]?\s*(-?\d{1,3}(?:\.\d+)?)\s*[, ]\s*(-?\d{1,3}(?:\.\d+)?)(?:\s*[,"
                    r" ]\s*-?[\d.]+){0,2}\s*[\])]?\s*")
_WKT = re.compile(r"\s*(?:SRID=\d+;)?POINT\s*Z?M?\s*\(\s*(-?[\d.]+)\s+(-?[\d.]+)[^)]*\)\s*", re.IGNORECASE)


def is_geopoint(texts: np.ndarray) -> bool:
    """Whether the filled cells of a column are geopoints: nine in ten of the first hundred."""
    some = [t for t in texts if t is not None and t.strip()][:100]
    return len(some) > 0 and sum(bool(_POINT.fullmatch(t) or _WKT.fullmatch(t)) for t in some) >= 0.9 * len(some)


def read_geopoints(texts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Split geopoints ("latitude longitude altitude accuracy", [latitude, longitude], WKT) into two columns.

    Returns
    -------
    x, y : (n,) arrays of object (str or None)
        Longitude and latitude as texts; None where the cell is empty, the cell itself where it is no geopoint.
    """
    x, y = np.full(len(texts), None, object), np.full(len(texts), None, object)
    for k, text in enumerate(texts):
        if text is None or not text.strip():
            continue
        wkt, point = _WKT.fullmatch(text), _POINT.fullmatch(text)
        if wkt:
            x[k], y[k] = wkt[1], wkt[2]
        elif point:
            x[k], y[k] = point[2], point[1]
        else:
            x[k] = y[k] = text
    return x, y


def tokens(texts: np.ndarray, key: bytes) -> tuple[np.ndarray, int]:
    """Turn what names a device or a person into tokens that lead back to nobody.

    HMAC-SHA-256 (RFC 2104) under the key, its first 64 bits: the same voice has the same token as
    long as the key is the same; without the key no list of phone numbers or names can be tried out.

    Returns
    -------
    (n,) array of object (str or None), and the number of voices
    """
    out = np.full(len(texts), None, object)
    known: dict[str, str] = {}
    for k, text in enumerate(texts):
        word = "" if text is None else re.sub(r"\s+", " ", text.strip().lower())
        if word in NOBODY:
            continue
        if word not in known:
            known[word] = "v" + hmac.new(key, word.encode(), hashlib.sha256).hexdigest()[:16]
        out[k] = known[word]
    return out, len(known)


@dataclass(frozen=True)
class Repeats:
    """Reports that say again what another row says.

    Attributes
    ----------
    by_id, by_voice : (n,) arrays of bool
        Rows that repeat the id of a later row; voice, place and day of an earlier one.
    stands : (n,) array of int
        The row that stands for it, the row itself where it is no repeat.
    alike : int
        Rows identical in place, day, category and text to an earlier one; told, never dropped.
    """

    by_id: np.ndarray
    by_voice: np.ndarray
    stands: np.ndarray
    alike: int


def find_repeats(
    ids: np.ndarray, voice: np.ndarray, x: np.ndarray, y: np.ndarray, day: np.ndarray, said: np.ndarray
) -> Repeats:
    """Find repeats by id (the last row counts: it has the latest status) and by voice, place and day (the first).

    Parameters
    ----------
    ids, voice : (n,) arrays of object (str or None)
    x, y : (n,) arrays of float
        Metres; places are the same where they agree to the metre.
    day : (n,) array of datetime64[D]
    said : (n,) array of object
        Category and text together, for rows that are alike.
    """
    import pandas as pd

    n = len(ids)
    stands = np.arange(n)
    given = np.array([i is not None and str(i).strip() != "" for i in ids], bool)
    frame = pd.DataFrame({"id": np.where(given, ids, ""), "row": np.arange(n)})
    last = frame.groupby("id")["row"].transform("max").to_numpy()
    by_id = given & (last != np.arange(n))
    stands[by_id] = last[by_id]
    placed = np.isfinite(x) & np.isfinite(y)
    px, py = np.where(placed, np.round(x), 0).astype(np.int64), np.where(placed, np.round(y), 0).astype(np.int64)
    named = np.array([v is not None for v in voice], bool) & placed & ~np.isnat(day) & ~by_id
    some = np.flatnonzero(named)
    frame = pd.DataFrame({"v": voice[some].astype(str), "x": px[some], "y": py[some],
                          "d": day[some].astype("M8[D]").astype(np.int64), "row": some})
    by_voice = np.zeros(n, bool)
    if len(frame):
        first = frame.groupby(["v", "x", "y", "d"])["row"].transform("min").to_numpy()
        by_voice[some] = first != some
        stands[some[first != some]] = first[first != some]
    days = np.where(np.isnat(day), -1, day.astype("M8[D]").astype(np.int64))
    rest = pd.DataFrame({"x": px, "y": py, "d": days, "s": [str(s) for s in said]})[placed & ~by_id & ~by_voice]
    return Repeats(by_id, by_voice, stands, int(rest.duplicated().sum()))


def round_to(values: np.ndarray, step: float) -> np.ndarray:
    """Move coordinates to the middle of the cell of a grid of ``step`` metres that they lie in."""
    return (np.floor(values / step) + 0.5) * step
