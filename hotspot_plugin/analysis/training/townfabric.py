"""What stands in a made-up town: buildings with addresses, homes, licensed premises, facilities, lights."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import townplan as tp
from .draws import Stream

#: metres of frontage, setback, depth, share of frontage built, homes a building, by use
_LOTS = {
    tp.CENTRE: (13.0, 1.0, 14.0, 1.0, 3.0), tp.INNER: (9.0, 2.5, 10.0, 1.0, 2.0),
    tp.ESTATE: (34.0, 7.0, 14.0, 0.72, 18.0), tp.SUBURB: (17.0, 6.0, 10.0, 0.66, 1.0),
    tp.WORKS: (52.0, 8.0, 38.0, 0.75, 0.0), tp.RETAIL: (70.0, 16.0, 45.0, 0.8, 0.0),
    tp.CAMPUS: (48.0, 9.0, 18.0, 0.7, 2.0),
}
#: half the width of what runs along a block's edge, in metres; of rivers it is known with the plan
_HALF = {tp.ARTERIAL: 11.0, tp.COLLECTOR: 8.5, tp.LOCAL: 6.5, tp.PATH: 3.5, tp.RAIL: 14.0, tp.RIM: 4.0}
MOST_BUILDINGS = 330_000
HOME, SHOP, WORK, PUBLIC = range(4)
BUILDING_KINDS = ("home", "shop", "work", "public")
#: kind of premises: share of all, opens, closes
PREMISES = {"restaurant": (0.27, 11, 23), "pub": (0.22, 11, 23), "off-licence": (0.2, 9, 22), "bar": (0.13, 17, 2),
            "supermarket": (0.1, 7, 22), "nightclub": (0.04, 22, 4), "hotel": (0.04, 0, 24)}
LANGUAGES = ("English", "Spanish", "Polish", "Urdu")


@dataclass
class Fabric:
    """Buildings and what belongs to them; (b,) arrays unless said otherwise.

    Attributes
    ----------
    rings : (b, 5, 2) array
    x, y : entrance, which is the address
    block, kind, number : int arrays
    street : line whose name the address has
    homes, residents : int arrays
    block_homes, block_residents, block_old, block_young, block_other : (blocks,) int arrays
        The last are residents of 65 and more, under 18, and who speak another language at home.
    premises, premises_kind : building, position in PREMISES
    facilities : list of (kind, name, x, y)
    lights : dict of columns
    """

    rings: np.ndarray
    x: np.ndarray
    y: np.ndarray
    block: np.ndarray
    kind: np.ndarray
    street: np.ndarray
    number: np.ndarray
    homes: np.ndarray
    residents: np.ndarray
    block_homes: np.ndarray
    block_residents: np.ndarray
    block_old: np.ndarray
    block_young: np.ndarray
    block_other: np.ndarray
    premises: np.ndarray
    premises_kind: np.ndarray
    facilities: list
    lights: dict


def make(stream: Stream, plan: tp.Plan, residents: int) -> Fabric:
    """Build a plan up and let so many residents move in."""
    lots = _lots(stream.sub("lots"), plan)
    use = plan.use[lots["block"]]
    kind = _kinds(stream.sub("kinds"), plan, lots, use)
    homes, people = _homes(stream.sub("homes"), use, kind, residents)
    blocks = len(plan.faces)
    block_homes = np.bincount(lots["block"], homes, blocks).astype(int)
    block_people = np.bincount(lots["block"], people, blocks).astype(int)
    old, young, other = _groups(stream.sub("groups"), plan, block_people)
    premises, premises_kind = _premises(stream.sub("premises"), plan, lots, kind, residents)
    return Fabric(
        lots["rings"], lots["x"], lots["y"], lots["block"], kind, lots["line"], lots["number"], homes, people,
        block_homes, block_people, old, young, other, premises, premises_kind,
        _facilities(stream.sub("facilities"), plan, lots, use, kind), _lights(stream.sub("lights"), plan))


# --- buildings ---------------------------------------------------------------------------------
def _edges(plan: tp.Plan) -> dict:
    """Return the edges of all blocks that are built on, as columns."""
    u, v, before, after, block = [], [], [], [], []
    for number, face in enumerate(plan.faces):
        if plan.use[number] not in _LOTS or plan.area[number] < 400.0:
            continue
        size = len(face)
        u += face
        v += face[1:] + face[:1]
        before += face[-1:] + face[:-1]
        after += face[2:] + face[: 2 if size > 2 else 0]
        block += [number] * size
    at_u, at_v = np.array(u, int), np.array(v, int)
    low, high = np.minimum(at_u, at_v), np.maximum(at_u, at_v)
    kinds = [plan.edges[e][0] for e in zip(low.tolist(), high.tolist())]
    lines = np.array([plan.edges[e][1] for e in zip(low.tolist(), high.tolist())], int)
    half = np.array([plan.river_width / 2 + 9.0 if k == tp.RIVER else _HALF[k] for k in kinds])
    street = np.isin(np.array(kinds), [tp.ARTERIAL, tp.COLLECTOR, tp.LOCAL])
    return {"u": at_u, "v": at_v, "before": np.array(before, int), "after": np.array(after, int),
            "block": np.array(block, int), "line": lines,
            "half": half, "street": street}


def _angle(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    cross, dot = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0], (a * b).sum(axis=1)
    return np.arctan2(cross, dot) % (2 * np.pi)


def _lots(stream: Stream, plan: tp.Plan) -> dict:
    edges = _edges(plan)
    p, q = plan.xy[edges["u"]], plan.xy[edges["v"]]
    span = q - p
    length = np.hypot(*span.T)
    along = span / np.maximum(length, 1e-9)[:, None]
    inward = np.column_stack([-along[:, 1], along[:, 0]])
    use = plan.use[edges["block"]]
    front, setback, depth, built, _ = np.array([_LOTS.get(u, (0,) * 5) for u in range(len(tp.USES))])[use].T
    perimeter = np.bincount(edges["block"], length, len(plan.faces))
    shallow = 1.35 * (plan.area / np.maximum(perimeter, 1.0))[edges["block"]]
    depth = np.minimum(depth, shallow - edges["half"] - setback)
    # what a building at the corner would take from the street around it
    inner_u = _angle(q - p, plan.xy[edges["before"]] - p)
    inner_v = _angle(plan.xy[edges["after"]] - q, p - q)
    reach = edges["half"] + setback + depth + 2.0
    with np.errstate(divide="ignore"):
        start, end = (np.where(a < np.pi - 1e-6, reach / np.maximum(np.tan(np.minimum(a, np.pi - 1e-6) / 2), 1e-3), 0.0)
                      for a in (inner_u, inner_v))
    free = length - start - end
    good = edges["street"] & (depth > 5.0) & (free > 0.6 * front)
    widen = 1.0
    for _ in range(3):
        count = np.where(good, np.maximum(np.floor(free / (front * widen)), 1), 0).astype(int)
        if count.sum() <= MOST_BUILDINGS:
            break
        widen *= count.sum() / MOST_BUILDINGS * 1.02
    edge = np.repeat(np.arange(len(count)), count)
    position = np.arange(len(edge)) - np.repeat(np.cumsum(count) - count, count)
    width = (free / np.maximum(count, 1))[edge]
    share = np.minimum(built[edge], 1.0) * np.where(built[edge] < 1, stream.uniform(0.82, 1.1, len(edge)), 0.995)
    left = start[edge] + position * width + width * (1 - share) / 2
    back = edges["half"][edge] + setback[edge] * stream.uniform(0.8, 1.0, len(edge))
    deep = depth[edge] * stream.uniform(0.72, 1.0, len(edge))
    keep = stream.uniform(size=len(edge)) > 0.035
    rings = np.empty((len(edge), 5, 2))
    for k, (s, t) in enumerate(((left, back), (left + width * share, back), (left + width * share, back + deep),
                                (left, back + deep))):
        rings[:, k] = p[edge] + along[edge] * s[:, None] + inward[edge] * t[:, None]
    rings[:, 4] = rings[:, 0]
    door = p[edge] + along[edge] * (left + width * share / 2)[:, None] + inward[edge] * (back - 0.5)[:, None]
    out = {"rings": rings, "x": door[:, 0], "y": door[:, 1], "block": edges["block"][edge], "line": edges["line"][edge]}
    out = {name: np.round(column, 2)[keep] if column.dtype.kind == "f" else column[keep]
           for name, column in out.items()}
    out["number"] = _numbers(plan, out, edge[keep], edges)
    return out


def _numbers(plan: tp.Plan, lots: dict, edge: np.ndarray, edges: dict) -> np.ndarray:
    """Number the houses along each street, odd ones on one side."""
    ends: dict = {}
    for line, u, v in zip(edges["line"].tolist(), edges["u"].tolist(), edges["v"].tolist()):
        low, high = ends.get(line, (u, u))
        ends[line] = (min(low, u, v), max(high, u, v))
    low, high = np.array([ends.get(k, (0, 0)) for k in range(len(plan.names))], int).T
    way = plan.xy[high] - plan.xy[low]
    way = way / np.maximum(np.hypot(*way.T), 1e-9)[:, None]
    mine = way[lots["line"]]
    run = (plan.xy[edges["v"]] - plan.xy[edges["u"]])[edge]
    side = ((run * mine).sum(axis=1) > 0).astype(int)
    at = lots["x"] * mine[:, 0] + lots["y"] * mine[:, 1]
    order = np.lexsort((at, side, lots["line"]))
    group = lots["line"][order] * 2 + side[order]
    first = np.r_[True, group[1:] != group[:-1]]
    rank = np.arange(len(group)) - np.maximum.accumulate(np.where(first, np.arange(len(group)), 0))
    out = np.empty(len(group), int)
    out[order] = 2 * rank + 1 + side[order]
    return out


def _kinds(stream: Stream, plan: tp.Plan, lots: dict, use: np.ndarray) -> np.ndarray:
    chance = stream.uniform(size=len(use))
    main = np.array([k in (tp.ARTERIAL, tp.COLLECTOR) for k in plan.kinds])[lots["line"]]
    shop = np.select([use == tp.CENTRE, use == tp.RETAIL, main & (use == tp.INNER), main, use == tp.INNER],
                     [0.55, 1.0, 0.3, 0.06, 0.025], 0.004)
    out = np.where(chance < shop, SHOP, HOME)
    out[use == tp.WORKS] = WORK
    out[(use == tp.CENTRE) & (chance > 0.88)] = WORK
    out[use == tp.CAMPUS] = np.where(chance[use == tp.CAMPUS] < 0.6, PUBLIC, HOME)
    return out


def _homes(stream: Stream, use: np.ndarray, kind: np.ndarray, residents: int) -> tuple:
    """Return homes and residents of each building; the residents sum to what was asked for."""
    base = np.array([_LOTS.get(u, (0,) * 5)[4] for u in range(len(tp.USES))])[use]
    # above shops people live too
    weight = np.where(kind == HOME, base, np.where((kind == SHOP) & (use != tp.RETAIL), base * 0.5, 0.0))
    weight = weight * stream.uniform(0.7, 1.3, len(weight))
    people = np.bincount(stream.choose(weight, residents), minlength=len(weight)) if residents <= 3_000_000 else (
        np.rint(weight / weight.sum() * residents).astype(int))
    homes = np.where(people > 0, np.maximum(np.rint(people / 2.3), 1), 0).astype(int)
    return homes, people


def _groups(stream: Stream, plan: tp.Plan, people: np.ndarray) -> tuple:
    """Return residents who are old, young, or speak another language, by block."""
    quarters = len(plan.quarter_names)
    other = np.clip(np.exp(-2.6 + 0.9 * stream.normal(quarters)), 0.01, 0.6)[plan.quarter]
    other = np.where(np.isin(plan.use, [tp.INNER, tp.ESTATE]), np.minimum(other * 1.7, 0.65), other)
    old = np.clip(0.18 + 0.05 * stream.normal(quarters), 0.05, 0.4)[plan.quarter]
    young = np.clip(0.21 + 0.04 * stream.normal(quarters), 0.08, 0.35)[plan.quarter]
    young = np.where(plan.use == tp.CENTRE, young * 0.5, young)
    return tuple(np.rint(people * share).astype(int) for share in (old, young, other))


def _premises(stream: Stream, plan: tp.Plan, lots: dict, kind: np.ndarray, residents: int) -> tuple:
    use = plan.use[lots["block"]]
    weight = (kind == SHOP) * np.select([use == tp.CENTRE, use == tp.INNER], [6.0, 1.5], 0.6)
    wanted = max(4, int(round(residents / 420.0)))
    chosen = stream.sample(weight, min(wanted, 9_000))
    names = list(PREMISES)
    what = stream.choose(np.array([PREMISES[n][0] for n in names]), len(chosen))
    # clubs and bars stand in the centre, where there are any
    late = np.isin(what, [names.index("nightclub"), names.index("bar")]) & (use[chosen] != tp.CENTRE)
    what[late] = names.index("pub")
    return chosen, what


def _facilities(stream: Stream, plan: tp.Plan, lots: dict, use: np.ndarray, kind: np.ndarray) -> list:
    """Return station, hospital, police station, schools, stops and car parks."""
    out = []
    x, y = lots["x"], lots["y"]
    if plan.rail:
        track = plan.xy[plan.rail]
        at = track[int(np.argmin(np.hypot(*track.T)))]
        out.append(("station", "Central Station", float(at[0]), float(at[1])))
    public = np.flatnonzero(np.isin(use, [tp.CAMPUS, tp.CENTRE]) & (kind != SHOP))
    for what, name in (("police station", "Police Station"), ("hospital", "General Hospital"), ("town hall",
                                                                                                "Town Hall")):
        if len(public):
            k = int(public[stream.integer(len(public))])
            out.append((what, name, float(x[k]), float(y[k])))
    homes = np.flatnonzero(np.isin(use, [tp.INNER, tp.SUBURB, tp.ESTATE]))
    schools = stream.sample(np.ones(len(homes)), max(1, len(homes) // 1_400))
    for k in homes[schools].tolist():
        out.append(("school", f"{plan.quarter_names[plan.quarter[lots['block'][k]]]} School", float(x[k]), float(y[k])))
    main = np.flatnonzero(plan.street_kind <= 1)
    for k in main[:: max(4, len(main) // 4_000)].tolist():
        middle = (plan.xy[plan.street_u[k]] + plan.xy[plan.street_v[k]]) / 2
        out.append(("bus stop", plan.names[plan.street_line[k]], float(round(middle[0], 2)), float(round(middle[1],
                                                                                                         2))))
    busy = np.flatnonzero(np.isin(plan.use, [tp.CENTRE, tp.RETAIL]) & (plan.area > 2_000))
    for k in busy[stream.sample(np.ones(len(busy)), max(1, len(busy) // 12))].tolist():
        out.append(("car park", f"{plan.quarter_names[plan.quarter[k]]} Car Park", float(plan.cx[k]),
                    float(plan.cy[k])))
    return out


def _lights(stream: Stream, plan: tp.Plan) -> dict:
    """Return street lights: alternately on both sides, higher on main roads; some do not work."""
    a, b = plan.xy[plan.street_u], plan.xy[plan.street_v]
    length = np.hypot(*(b - a).T)
    kind = plan.street_kind
    spacing = np.array([30.0, 32.0, 36.0, 48.0])[kind] * (1.0 if length.sum() < 6e6 else 1.6)
    lit = stream.uniform(size=len(kind)) > np.array([0.0, 0.01, 0.03, 0.35])[kind]
    count = np.where(lit, np.maximum(np.rint(length / spacing), 1), 0).astype(int)
    seg = np.repeat(np.arange(len(count)), count)
    position = np.arange(len(seg)) - np.repeat(np.cumsum(count) - count, count)
    along = (b - a)[seg] / length[seg][:, None]
    across = np.column_stack([-along[:, 1], along[:, 0]])
    at = (position + 0.5) / count[seg] * length[seg]
    off = np.array([8.0, 6.0, 4.5, 2.0])[kind[seg]] * np.where(position % 2 == 0, 1.0, -1.0)
    xy = np.round(a[seg] + along * at[:, None] + across * off[:, None], 2)
    led = stream.uniform(size=len(seg)) < 0.55
    works = stream.uniform(size=len(seg)) > 0.025
    lumens = np.array([11_000.0, 7_500.0, 4_500.0, 2_500.0])[kind[seg]]
    return {"x": xy[:, 0], "y": xy[:, 1], "segment": seg, "height": np.array([10.0, 8.0, 6.0, 4.5])[kind[seg]],
            "lumens": np.where(led, lumens, lumens * 1.1), "led": led, "works": works}
