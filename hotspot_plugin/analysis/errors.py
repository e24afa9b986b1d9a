"""The errors that analysis and layer code raise when the input, not the program, is at fault.

The texts are English templates with named values. The one place that shows them
(``algorithms/base.py``) translates the template before it fills the values in, so that
this package needs to know nothing about Qt.
"""

from __future__ import annotations


class HotspotError(Exception):
    """Base of all errors that a user can mend.

    Parameters
    ----------
    text : str
        English template that says what is wrong and what to do, with ``{name}`` places.
    **values
        What fills the places.
    """

    def __init__(self, text: str, /, **values: object) -> None:
        self.text = text
        self.values = values
        super().__init__(text.format(**values) if values else text)


class InputError(HotspotError):
    """A parameter cannot be used as given.

    Parameters
    ----------
    parameter : str
        Name of the tool's parameter, e.g. ``"CELL_SIZE"``.
    text : str
        What is wrong and the remedy; an English template.
    **values
        What fills the places; they may be named like the two above.
    """

    def __init__(self, parameter: str, text: str, /, **values: object) -> None:
        self.parameter = parameter
        super().__init__(text, **values)


class Cancelled(HotspotError):
    """The user asked to stop; nothing is wrong."""

    def __init__(self) -> None:
        super().__init__("The run was cancelled.")
