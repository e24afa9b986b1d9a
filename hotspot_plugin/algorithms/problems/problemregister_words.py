"""The words of 'Problem register'."""

from __future__ import annotations

from ...reports import formats
from ...translation import tr
from .problemregister_read import Data


class Words:
    """What is told of a run."""

    def __init__(self, data: Data, numbers: dict) -> None:
        self.data, self.numbers = data, numbers

    def summary(self) -> str:
        """Return the sentence to read out."""
        n = {name: formats.number(value) for name, value in self.numbers.items()}
        if self.data.known is None:
            if not self.numbers["PROBLEMS"]:
                return tr("The register '{file}' is ready and empty.").format(file=self.data.target.name)
            return tr("The register '{file}' is ready with problems: {problems}, at places: {places}, planned actions:"
                      " {actions}. All are internal.").format(
                file=self.data.target.name, problems=n["PROBLEMS"], places=n["PLACES"], actions=n["ACTIONS"])
        return tr("Added to the register '{file}': problems {problems}, places {places}, planned actions {actions};"
                  " places that open problems have already: {known}. It now holds {all} problems; overdue actions:"
                  " {overdue}.").format(
            file=self.data.target.name, problems=n["PROBLEMS"], places=n["PLACES"], actions=n["ACTIONS"],
            known=n["KNOWN"], all=n["PROBLEMS_ALL"], overdue=n["OVERDUE"])

    def warnings(self) -> list:
        """Return the doubts to tell."""
        out = []
        if self.data.below:
            out.append(tr("{count} places below the top {top} were left out (TOP).").format(
                count=formats.number(self.data.below), top=len(self.data.places)))
        if self.data.uncounted:
            out.append(tr("The numbers of incidents are no baseline, because the days they were counted on are not"
                          " given (BASE_FROM, BASE_TO)."))
        if self.data.days:
            out.append(tr("Places that were chosen by a high number fall back by themselves. Do not take the baseline"
                          " for an effect; test it with the tools of the group Evaluation."))
        missed = set(self.data.measures) - {place.row for place in self.data.places}
        if missed:
            out.append(tr("Chosen measures of {count} places are not planned, because these places are not among those"
                          " that were read.").format(count=formats.number(len(missed))))
        return out
