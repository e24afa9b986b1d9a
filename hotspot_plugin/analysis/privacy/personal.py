"""What in a text points to a person: found, removed, or refused by a form.

What no pattern can find: a name, a nickname or a description in running text that nothing
announces ("John from the corner shop"). Free text stays internal for that reason.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from .personalpatterns import KINDS, PATTERNS

#: spaces, dashes and digits of other alphabets that hide a number; one sign each, so that places stay
_PLAIN = {**dict.fromkeys(map(ord, "\u00a0\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f"
                                   "\u205f\u3000\t"), " "),
          **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"), "-"),
          ord("\uff20"): "@", ord("\uff0b"): "+", ord("\uff0e"): "."}
_ZERO_WIDTH = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


@dataclass(frozen=True)
class Found:
    """Personal data at ``text[start:end]`` of the plain text."""

    kind: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _compiled() -> tuple:
    # a shape whose example has a number in it needs two digits at least, and most texts have fewer
    return tuple((p, re.compile(p.regex), 2 if sum(c.isdigit() for c in p.example) > 2 else 0) for p in PATTERNS)


def plain(text: str) -> str:
    """Return a text with ordinary spaces, dashes and digits, and without invisible signs."""
    if text.isascii() and "\t" not in text:
        return text
    text = _ZERO_WIDTH.sub("", text).translate(_PLAIN)
    return "".join(str(unicodedata.digit(c)) if not c.isascii() and c.isdecimal() else c for c in text)


def find(text: str, free: bool = True) -> list:
    """Return what is personal in a text, in its order, without overlaps.

    Parameters
    ----------
    text : str
        As :func:`plain` returns it.
    free : bool
        Running text, in which weaker signs count; False for codes and titles.

    Returns
    -------
    list of Found
    """
    if len(text) < 4:
        return []
    hits: list[Found] = []
    digits = sum(c.isdigit() for c in text)
    for pattern, regex, least in _compiled():
        if digits < least or not (free or pattern.firm):
            continue
        for match in regex.finditer(text):
            group = 1 if match.re.groups and match.lastindex and len(match.group(1) or "") > 1 else 0
            start, end = match.span(group)
            if pattern.check and not pattern.check(text[start:end]):
                continue
            if all(end <= h.start or start >= h.end for h in hits):
                hits.append(Found(pattern.kind, start, end))
    return sorted(hits, key=lambda h: h.start)


def clean(text: str, free: bool = True, words: dict | None = None) -> tuple[str, Counter]:
    """Return a text with ``[removed: ...]`` for what is personal, and the count of every kind.

    A text in which nothing is found comes back as it was.
    """
    words = words or {kind: f"[removed: {word}]" for kind, word in KINDS.items()}
    counts: Counter = Counter()
    known = plain(text)
    # again, because what stood beside one may only now stand free
    for _ in range(5):
        hits = find(known, free)
        if not hits:
            break
        for hit in reversed(hits):
            counts[hit.kind] += 1
            known = known[:hit.start] + words[hit.kind] + known[hit.end:]
    return (known if counts else text), counts


def form_patterns() -> dict:
    """Return kind -> one regular expression of all shapes that a form can refuse."""
    kinds: dict[str, list] = {}
    for p in PATTERNS:
        if p.form:
            kinds.setdefault(p.kind, []).append(p)
    return {kind: "|".join(f"(?:{_renumbered(p.regex, k)})" for k, p in enumerate(ps)) for kind, ps in kinds.items()}


def _renumbered(regex: str, number: int) -> str:
    r"""Return an expression whose back reference ``\1`` still means its own group when joined."""
    if r"\1" not in regex:
        return regex
    name = f"s{number}"
    return regex.replace("([- ])", f"(?P<{name}>[- ])").replace("([ -])", f"(?P<{name}>[ -])").replace(
        r"\1", f"(?P={name})")


def qgis_constraint(field: str, kinds: Iterable | None = None) -> str:
    """Return the QGIS expression that is true where a text field holds nothing that looks personal.

    It works in QGIS and QField alike, where no Python runs; an empty field passes.

    Parameters
    ----------
    field : str
        Name of the text field.
    kinds : iterable of str, optional
        Kinds of :data:`KINDS`; all if None.
    """
    name = '"' + field.replace('"', '""') + '"'
    wanted = list(KINDS if kinds is None else kinds)
    parts = []
    for kind, regex in form_patterns().items():
        if kind in wanted:
            quoted = regex.replace("\\", "\\\\").replace("'", "''").replace("\n", "\\n")
            parts.append(f"regexp_match(coalesce({name}, ''), '{quoted}') = 0")
    return " and ".join(parts)
