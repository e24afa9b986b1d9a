"""Names of made-up streets, quarters and residents' groups; none of them is meant to be anywhere."""

from __future__ import annotations

from .draws import Stream

_STEMS = (
    "Alder Amber Anchor Apple Arch Ash Aspen Baker Barley Basin Beacon Beech Bell Birch Black Bramble Brewer Brick"
    " Bridge Broad"
    " Brook Canal Carter Castle Cedar Chapel Cherry Church Clay Cloth Coal Cobbler Cooper Copper Corn Court Cross Crown"
    " Dale Dove Dyer Eagle Elder Elm Falcon Fern Ferry Field Flax Flint Forge Fountain Fox Garden Gate Glass Glen"
    " Granite"
    " Green Grove Hall Harbour Hart Hawthorn Hazel Heath Heron High Hill Holly Hop Hunter Iron Ivy Juniper King Lamb"
    " Lark"
    " Laurel Lime Linden Lion Lock Long Maple Market Marsh Mason Meadow Mill Mint Moor Mulberry Myrtle Nettle"
    " Nightingale"
    " Oak Orchard Osier Otter Park Pear Pine Plough Poplar Quarry Queen Raven Reed River Robin Rope Rose Rowan Rush"
    " Saddler"
    " Salt School Shepherd Silver Slate Smith Spring Spruce Square Stable Star Station Stone Swan Sycamore Tanner"
    " Thistle"
    " Thorn Timber Tower Union Vale Vine Wagon Walnut Water Weaver Well Wharf Wheat Wheel White Willow Wren Yarrow Yew"
).split()
_ENDS = {
    "arterial": ("Road",), "collector": ("Road", "Avenue", "Street"), "path": ("Walk",),
    "local": ("Street", "Lane", "Way", "Place", "Row", "Drive", "Terrace", "Close", "Gardens", "Grove"),
}
_BEFORE = ("", "Upper ", "Lower ", "Old ", "New ", "Little ", "Great ", "North ", "South ", "East ", "West ")
_QUARTERS = ("field", "gate", "side", "ham", "wick", "stead", "bank", "combe", "ford", "moor", "dale", "hurst")


def streets(stream: Stream, kinds: list) -> list:
    """Return a name for every line, each once within its kind of end."""
    order = stream.order(len(_STEMS)).tolist()
    used: dict = {}
    out = []
    for kind in kinds:
        ends = _ENDS.get(kind)
        if ends is None:
            out.append("")
            continue
        number = used.get(ends, 0)
        used[ends] = number + 1
        stem = _STEMS[order[number % len(order)]]
        turn = number // len(order)
        end = ends[(number + turn) % len(ends)]
        turn //= len(ends)
        second = turn // len(_BEFORE)
        middle = f" {_STEMS[order[(number * 7 + second) % len(order)]]}" if second else ""
        out.append(f"{_BEFORE[turn % len(_BEFORE)]}{stem}{middle} {end}")
    return _once(out)


def quarters(stream: Stream, n: int) -> list:
    """Return n different names of quarters."""
    order = stream.order(len(_STEMS)).tolist()
    out = []
    for k in range(n):
        stem = _STEMS[order[k % len(order)]]
        end = _QUARTERS[(k + k // len(order)) % len(_QUARTERS)]
        out.append(stem + (end if not stem.endswith(end) else "ton"))
    return _once(out)


def _once(names: list) -> list:
    seen: dict = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 or not name else f"{name} {seen[name]}")
    return out
