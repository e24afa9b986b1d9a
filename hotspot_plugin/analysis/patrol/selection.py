"""Which candidates hold the most within a budget and a number: exact, or with the gap stated.

The problem is a *multiple-choice knapsack with a limit on the number*: candidates come in
groups, at most one candidate of a group may be taken (they are the same place in several
extents), at most ``most`` altogether, and their costs may not exceed the budget:

    maximise    sum(value[i] x[i])
    subject to  sum(cost[i] x[i]) <= budget,   sum(x) <= most,
                sum of x over each group <= 1,   x[i] in {0, 1}

It is solved by dynamic programming over sets that no other set dominates (Nemhauser and
Ullmann 1969), with the Lagrangian bound of Fisher (1981) to leave out what cannot be part of
a best plan. Costs may be any real numbers: nothing is rounded to units, and nothing is
proved by a solver's tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..progress import Progress, silent

#: partial plans kept at a time; beyond it the least promising are dropped and the gap is stated
MOST_PLANS = 100_000
#: plans of all steps that are remembered, to find the way back to the best
_MEMORY = 20_000_000
#: candidates looked at by the exchanges that lead to a first good choice
_EXCHANGES = 50_000_000
#: values and costs closer than this share of their size are equal
_TOLERANCE = 1e-9


@dataclass(frozen=True)
class Selection:
    """The candidates chosen.

    Attributes
    ----------
    chosen : (k,) array of int
        Indices of the candidates, ascending.
    value, cost : float
        Their sums.
    bound : float
        No permitted choice has a larger value.
    gap : float
        ``(bound - value) / bound``: 0 where the choice is proved to be the best.
    """

    chosen: np.ndarray
    value: float
    cost: float
    bound: float
    gap: float


def choose(
    value: np.ndarray,
    cost: np.ndarray,
    group: np.ndarray,
    budget: float,
    most: int,
    most_plans: int = MOST_PLANS,
    progress: Progress = silent,
) -> Selection:
    """Choose the candidates of the largest total value.

    Among choices of equal value the cheaper wins, then the one of fewer candidates. What is
    left equal is decided by the order of the candidates, so put them in an order that means
    something and does not change when the rows of a file do.

    Parameters
    ----------
    value : (n,) array
        What each candidate is worth; those worth nothing are never chosen.
    cost : (n,) array
        Not negative, in the unit of the budget.
    group : (n,) array of int
        At most one candidate of each group is chosen.
    budget : float
        Largest total cost; infinity for none.
    most : int
        Largest number of candidates.
    most_plans : int
        Partial plans kept at a time. Where more would be needed to prove the best, the result
        is the best found, and ``gap`` says how far from the best it can be.
    progress : Progress

    Returns
    -------
    Selection

    Raises
    ------
    ValueError
        For negative or missing values, costs or limits.
    """
    value, cost = np.asarray(value, float), np.asarray(cost, float)
    if not (np.isfinite(value).all() and np.isfinite(cost).all() and (cost >= 0).all()):
        raise ValueError("values must be finite, costs finite and not negative")
    if most < 0 or not budget >= 0:
        raise ValueError("the budget and the number must not be negative")
    allowance = budget * (1.0 + _TOLERANCE)
    open_ = np.flatnonzero((value > 0) & (cost <= allowance))
    if not len(open_) or most == 0:
        return Selection(np.empty(0, int), 0.0, 0.0, 0.0, 0.0)
    groups = _groups(value, cost, np.asarray(group), open_)
    if not np.isfinite(budget):
        allowance = float(sum(cost[members].max() for members in groups)) + 1.0
    problem = _Problem(value, cost, groups, allowance, min(most, len(groups)))
    found, ceiling = _search(problem, _first(problem, progress), most_plans, progress)
    chosen = np.sort(np.array(found, int))
    total = float(value[chosen].sum())
    bound = max(total, ceiling)
    gap = (bound - total) / bound if bound - total > _TOLERANCE * bound else 0.0
    return Selection(chosen, total, float(cost[chosen].sum()), bound if gap else total, gap)


def _groups(value: np.ndarray, cost: np.ndarray, group: np.ndarray, open_: np.ndarray) -> list:
    """Return the candidates of each group, without those that cost more for no more value."""
    order = open_[np.lexsort((open_, -value[open_], cost[open_], group[open_]))]
    starts = np.flatnonzero(np.r_[True, group[order][1:] != group[order][:-1]])
    out = []
    for members in np.split(order, starts[1:]):
        best = np.maximum.accumulate(np.r_[-np.inf, value[members]])
        out.append(members[value[members] > best[:-1]])
    out.sort(key=lambda members: int(members.min()))
    return out


class _Problem:
    """The candidates with the prices (per unit of cost, per candidate) of the Lagrangian bound."""

    def __init__(self, value: np.ndarray, cost: np.ndarray, groups: list, budget: float, most: int) -> None:
        self.value, self.cost, self.budget, self.most = value, cost, budget, most
        self.members = np.concatenate(groups)
        self.starts = np.r_[0, np.cumsum([len(g) for g in groups])[:-1]]
        self.ends = np.r_[self.starts[1:], len(self.members)]
        self.owner = np.repeat(np.arange(len(groups)), self.ends - self.starts)
        self.price, self.toll = self._prices()
        self.bound = self._bound(self.price, self.toll)
        #: what each candidate is worth beyond its prices
        self.worth = self.value[self.members] - self.price * self.cost[self.members] - self.toll
        self.best = np.maximum(np.maximum.reduceat(self.worth, self.starts), 0.0)

    def _best(self, price: float) -> tuple[np.ndarray, np.ndarray]:
        """Return each group's largest value less the price of its cost, and that cost (the least)."""
        net = self.value[self.members] - price * self.cost[self.members]
        best = np.maximum.reduceat(net, self.starts)
        hit = net >= best[self.owner]
        cost = np.where(hit, self.cost[self.members], np.inf)
        return best, np.minimum.reduceat(cost, self.starts)

    def _prices(self) -> tuple[float, float]:
        """Minimise the bound, convex in the price: halve until the chosen cost meets the budget."""
        low, high = 0.0, 0.0
        if self._spent(0.0) > self.budget:
            positive = self.cost[self.members] > 0
            high = float((self.value[self.members][positive] / self.cost[self.members][positive]).max()) * 1.01
            for _ in range(100):
                middle = 0.5 * (low + high)
                low, high = (middle, high) if self._spent(middle) > self.budget else (low, middle)
        candidates = []
        for price in {low, high}:
            best, _ = self._best(price)
            toll = max(0.0, float(np.sort(best)[::-1][self.most])) if len(best) > self.most else 0.0
            candidates.append((self._bound(price, toll), price, toll))
        _, price, toll = min(candidates)
        return price, toll

    def _spent(self, price: float) -> float:
        best, cost = self._best(price)
        top = np.argsort(-best, kind="stable")[: self.most]
        return float(cost[top[best[top] > 0]].sum())

    def _bound(self, price: float, toll: float) -> float:
        best, _ = self._best(price)
        return price * self.budget + toll * self.most + float(np.maximum(best - toll, 0.0).sum())

    def rounded(self, factor: float) -> list:
        """Return a permitted choice: the most worthwhile at a changed price that still fit, in turn."""
        net = self.value[self.members] - factor * self.price * self.cost[self.members]
        chosen: list = []
        taken: set = set()
        left = self.budget
        for at in np.lexsort((self.cost[self.members], -net)).tolist():
            candidate, owner = int(self.members[at]), int(self.owner[at])
            if len(chosen) < self.most and owner not in taken and self.cost[candidate] <= left:
                chosen.append(candidate)
                taken.add(owner)
                left -= self.cost[candidate]
        return chosen


def _first(problem: _Problem, progress: Progress) -> list:
    """Return a good choice: rounded at several prices, each improved by exchanges."""
    found = []
    for factor in (0.0, 0.5, 0.9, 0.99, 1.0, 1.01, 1.1, 1.5, 3.0):
        progress(0.0)
        found.append(_improve(problem, problem.rounded(factor), progress))
    return max(found, key=lambda chosen: float(problem.value[chosen].sum()))


def _improve(problem: _Problem, chosen: list, progress: Progress) -> list:
    """Add what fits, or exchange one candidate for a better one, until nothing is gained."""
    value, cost, members = problem.value, problem.cost, problem.members
    owner = np.full(len(value), -1)
    owner[members] = problem.owner
    for _ in range(min(100, 1 + _EXCHANGES // (len(members) * (len(chosen) + 1)))):
        progress(0.0)
        left = problem.budget - cost[chosen].sum()
        used = np.isin(problem.owner, owner[chosen])
        gain, place, new = _TOLERANCE * value[chosen].sum(), -1, -1
        # a place beyond the last adds a candidate
        for at in range(len(chosen) + (len(chosen) < problem.most)):
            old = chosen[at] if at < len(chosen) else -1
            fits = cost[members] <= left + (cost[old] if old >= 0 else 0.0)
            fits &= ~used | (problem.owner == owner[old]) if old >= 0 else ~used
            more = np.where(fits, value[members] - (value[old] if old >= 0 else 0.0), -np.inf)
            best = int(more.argmax())
            if more[best] > gain:
                gain, place, new = float(more[best]), at, int(members[best])
        if place < 0:
            break
        chosen = [*chosen[:place], new, *chosen[place + 1 :]]
    return chosen


def _search(problem: _Problem, first: list, most_plans: int, progress: Progress) -> tuple[list, float]:
    """Return the best choice and a bound on the value of all that were not followed."""
    value, cost = problem.value, problem.cost
    best_value = float(value[first].sum())
    slack = _TOLERANCE * max(problem.bound, 1.0)
    # groups that decide much come first: going against them is found out soon
    margin = np.maximum.reduceat(problem.worth, problem.starts)
    order = np.argsort(-np.abs(margin), kind="stable")
    # a candidate that cannot be in any choice as good as the one at hand is passed over
    hopeful = (problem.bound - problem.best[problem.owner] + problem.worth
               >= best_value - slack)
    order = order[np.logical_or.reduceat(hopeful, problem.starts)[order]]
    rest = np.r_[np.cumsum(problem.best[order][::-1])[::-1][1:], 0.0]
    plans = _Plans(np.zeros(1), np.zeros(1), np.zeros(1, np.int64), np.full(1, -1), np.full(1, -1))
    history: list = []
    ceiling = -np.inf
    remembered = 0
    for step, at in enumerate(order.tolist()):
        progress(step / len(order))
        span = slice(problem.starts[at], problem.ends[at])
        members = problem.members[span][hopeful[span]]
        parts = [plans.same()]
        for candidate in members.tolist():
            parts.append(plans.extended(candidate, float(value[candidate]), float(cost[candidate])))
        grown = _Plans.joined(parts)
        grown = grown.take((grown.cost <= problem.budget) & (grown.count <= problem.most))
        best_value = max(best_value, float(grown.value.max()))
        limit = (grown.value + problem.price * (problem.budget - grown.cost)
                 + problem.toll * (problem.most - grown.count) + rest[step])
        keep = limit >= best_value - slack
        grown, limit = grown.take(keep), limit[keep]
        undominated = grown.undominated()
        grown, limit = grown.take(undominated), limit[undominated]
        room = max(1, min(most_plans, (_MEMORY - remembered) // 20))
        if len(grown.value) > room:
            by_promise = np.argsort(-limit, kind="stable")
            ceiling = max(ceiling, float(limit[by_promise[room]]))
            grown = grown.take(np.sort(by_promise[:room]))
        remembered += len(grown.value)
        history.append((grown.parent, grown.added))
        plans = grown
        if not len(plans.value):
            break
    progress(1.0)
    return _best_plan(problem, plans, history, first), ceiling


def _best_plan(problem: _Problem, plans: _Plans, history: list, first: list) -> list:
    value, cost = problem.value, problem.cost
    scale = _TOLERANCE * max(problem.bound, 1.0)
    rivals = [(float(value[first].sum()), float(cost[first].sum()), len(first), sorted(first))]
    if len(plans.value):
        top = np.flatnonzero(plans.value >= plans.value.max() - scale)
        # the cheapest of the best
        cheap = top[plans.cost[top] <= plans.cost[top].min() * (1 + _TOLERANCE)]
        fewest = cheap[plans.count[cheap] == plans.count[cheap].min()]
        for row in fewest[:1000].tolist():
            found = _trace(history, row)
            rivals.append((float(value[found].sum()), float(cost[found].sum()), len(found), sorted(found)))
    best = max(rival[0] for rival in rivals)
    rivals = [rival for rival in rivals if rival[0] >= best - scale]
    cheapest = min(rival[1] for rival in rivals)
    rivals = [rival for rival in rivals if rival[1] <= cheapest * (1 + _TOLERANCE)]
    return min(rivals, key=lambda rival: (rival[2], rival[3]))[3]


def _trace(history: list, row: int) -> list:
    found = []
    for parent, added in reversed(history):
        if added[row] >= 0:
            found.append(int(added[row]))
        row = int(parent[row])
    return found


class _Plans:
    """Partial plans as columns: cost, value, count, the plan they come from, and what was added."""

    def __init__(
        self, cost: np.ndarray, value: np.ndarray, count: np.ndarray, parent: np.ndarray, added: np.ndarray
    ) -> None:
        self.cost, self.value, self.count, self.parent, self.added = cost, value, count, parent, added

    def same(self) -> _Plans:
        n = len(self.cost)
        return _Plans(self.cost, self.value, self.count, np.arange(n, dtype=np.int32), np.full(n, -1, np.int32))

    def extended(self, candidate: int, value: float, cost: float) -> _Plans:
        n = len(self.cost)
        return _Plans(self.cost + cost, self.value + value, self.count + 1, np.arange(n, dtype=np.int32),
                      np.full(n, candidate, np.int32))

    @staticmethod
    def joined(parts: list) -> _Plans:
        return _Plans(*(np.concatenate([getattr(p, name) for p in parts])
                        for name in ("cost", "value", "count", "parent", "added")))

    def take(self, keep: np.ndarray) -> _Plans:
        return _Plans(self.cost[keep], self.value[keep], self.count[keep], self.parent[keep], self.added[keep])

    def undominated(self) -> np.ndarray:
        """Return the rows that no row of as many candidates beats at no more cost."""
        order = np.lexsort((-self.value, self.cost, self.count))
        value, count = self.value[order], self.count[order]
        # one running maximum serves all counts once each count is lifted above the one before
        span = float(value.max() - value.min()) + 1.0
        lifted = (value - value.min()) + count * span
        before = np.maximum.accumulate(np.r_[-np.inf, lifted[:-1]])
        return np.sort(order[lifted > before])
