"""What an agency settles once for all its tools: shifts, years, beats, limits, units.

The settings are one JSON object, kept as a file that can be read, shared and put under
version control. Unknown keys are refused, because a misspelt limit would otherwise be no
limit at all.
"""

from __future__ import annotations

import difflib
import json
import re
from dataclasses import asdict, dataclass, field, fields

from .errors import InputError

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
METRIC, US = "metric", "us"
UNITS = (METRIC, US)
#: Keys that name a file or a layer; relative to the folder of the settings.
PLACES = ("beats_layer", "drop_layer", "type_table")
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z]{2,8})*")


@dataclass(frozen=True)
class Agency:
    """The settings of an agency; None, "" or an empty tuple where it has not settled one.

    Attributes
    ----------
    agency : str
        Its name, for reports.
    shifts : str
        Such as ``"06-14, 14-22, 22-06"``.
    day_start : int or None
        Hour at which the police day begins, 0 to 23.
    week_start : str
        The first day of the week in English, e.g. ``"Sunday"``.
    fiscal_start : int or None
        First month of the fiscal year, 1 to 12.
    beats_layer, beats_field : str
        The areas of the tables, and the field with their names.
    type_table : str
        CSV file for 'Group and weigh crime types'.
    drop_layer, drop_names : str
        Places that are not where it happened (stations, hospitals): a layer, and parts of names parted by semicolons.
    min_public, min_internal : int or None
        The smallest count shown to the public, and the fewest voices shown inside the agency.
    units : str
        ``"metric"`` or ``"us"``, in reports and sentences.
    languages : tuple of str
        Languages of handouts as codes, the main one first, e.g. ``("en", "es")``.
    """

    agency: str = ""
    shifts: str = ""
    day_start: int | None = None
    week_start: str = ""
    fiscal_start: int | None = None
    beats_layer: str = ""
    beats_field: str = ""
    type_table: str = ""
    drop_layer: str = ""
    drop_names: str = ""
    min_public: int | None = None
    min_internal: int | None = None
    units: str = ""
    languages: tuple = field(default_factory=tuple)

    @property
    def weekdays(self) -> list:
        """Numbers of the weekdays, 0 for Monday, in the order of the agency's week."""
        first = WEEKDAYS.index(self.week_start) if self.week_start else 0
        return [(first + day) % 7 for day in range(7)]

    def settled(self) -> dict:
        """Return what is settled, by key."""
        return {key: value for key, value in asdict(self).items() if value not in (None, "", ())}

    def to_json(self) -> str:
        """Return the settings as the text of their file."""
        return json.dumps(self.settled(), indent=2, ensure_ascii=False) + "\n"


_TEXTS = ("agency", "shifts", "week_start", "beats_field", "drop_names", "units", *PLACES)
#: key: least, most
_WHOLE = {"day_start": (0, 23), "fiscal_start": (1, 12), "min_public": (1, 1000), "min_internal": (1, 1000)}


def from_json(text: str, parameter: str, name: str) -> Agency:
    """Read the settings.

    Parameters
    ----------
    text : str
        Text of the file.
    parameter, name : str
        Where the settings were given, and the name of the file, for the error.

    Raises
    ------
    InputError
        The text is no such JSON, a key is unknown, or a value cannot be meant.
    """
    try:
        given = json.loads(text)
    except ValueError as error:
        raise InputError(parameter, "'{name}' is no JSON file of agency settings ({error}). Make one with 'Agency"
                         " settings'.", name=name, error=error) from error
    if not isinstance(given, dict):
        raise InputError(parameter, "'{name}' holds no settings: they stand between braces, as \"key\": value. Make"
                         " them with 'Agency settings'.", name=name)
    return make(given, parameter, name)


def make(given: dict, parameter: str, name: str) -> Agency:
    """Make settings of values by key; see :func:`from_json`."""
    known = [entry.name for entry in fields(Agency)]
    for key in given:
        if key not in known:
            near = difflib.get_close_matches(str(key), known, 1)
            raise InputError(
                parameter, "'{name}': there is no setting '{key}'{guess}. The settings are {known}.", name=name,
                key=key, guess=f" ({near[0]}?)" if near else "", known=", ".join(known))
    values = {key: value for key, value in given.items() if value is not None}
    for key, value in values.items():
        _check(key, value, parameter, name)
    if values.get("shifts"):
        from .patrol import peaks  # few settings are read, and every tool knows this module

        try:
            peaks.parse_shifts(values["shifts"])
        except InputError as error:
            raise _refused(parameter, name, "shifts", values["shifts"], str(error)) from error
    if "languages" in values:
        values["languages"] = tuple(values["languages"])
    return Agency(**values)


def _check(key: str, value: object, parameter: str, name: str) -> None:
    if key in _WHOLE:
        least, most = _WHOLE[key]
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise _refused(parameter, name, key, value, f"Give a whole number from {least} to {most}.")
    elif key in _TEXTS and not isinstance(value, str):
        raise _refused(parameter, name, key, value, 'Give a text, between "quotes".')
    elif key == "week_start" and value not in ("", *WEEKDAYS):
        raise _refused(parameter, name, key, value, f"Give one of {', '.join(WEEKDAYS)}.")
    elif key == "units" and value not in ("", *UNITS):
        raise _refused(parameter, name, key, value, f"Give one of {', '.join(UNITS)}.")
    elif key == "languages":
        good = isinstance(value, (list, tuple)) and all(isinstance(v, str) and _LANGUAGE.fullmatch(v) for v in value)
        if not good:
            raise _refused(parameter, name, key, value, 'Give a list of language codes, such as ["en", "es"].')


def _refused(parameter: str, name: str, key: str, value: object, remedy: str) -> InputError:
    return InputError(parameter, "'{name}': the setting {key} cannot be '{value}'. {remedy}", name=name, key=key,
                      value=value, remedy=remedy)
