"""The account of a reading: how many rows came, which were left out, and why."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class LeftOut:
    """Rows left out for one reason; ``example`` names the first of them."""

    reason: str
    count: int
    example: str = ""


@dataclass
class Account:
    """Counts of what a tool read and what it could not use.

    Attributes
    ----------
    name : str
        What was read, e.g. the layer's name.
    rows : int
        Rows that came in.
    left_out : list of LeftOut
        One entry a reason; the reasons exclude one another, so the counts add up.
    """

    name: str = ""
    rows: int = 0
    left_out: list[LeftOut] = field(default_factory=list)

    def leave_out(self, reason: str, count: int, example: str = "") -> None:
        """Note that ``count`` rows are not used; nothing is noted for a count of 0."""
        if count:
            self.left_out.append(LeftOut(reason, int(count), example))

    @property
    def excluded(self) -> int:
        """Rows left out for any reason."""
        return sum(entry.count for entry in self.left_out)

    @property
    def used(self) -> int:
        """Rows that are used."""
        return self.rows - self.excluded

    def as_dict(self) -> dict:
        """Return the account as plain values, for the provenance."""
        return {
            "rows": self.rows,
            "used": self.used,
            "left_out": [{"reason": e.reason, "count": e.count, "example": e.example} for e in self.left_out],
        }
