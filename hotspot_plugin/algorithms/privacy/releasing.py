"""What the tools share that publish numbers: the register of releases is written when all else has succeeded."""

from __future__ import annotations

from typing import Any

from qgis.core import QgsProcessingException

from ...analysis.errors import HotspotError


class Releasing:
    """Goes before ``HotspotAlgorithm`` among the bases of a tool; ``execute`` may set ``register``."""

    def __init__(self) -> None:
        super().__init__()
        self.register: Any = None

    def processAlgorithm(self, parameters: dict, context: Any, feedback: Any) -> dict:  # noqa: N802
        self.register, problem = None, ""
        try:
            results = super().processAlgorithm(parameters, context, feedback)
            if self.register is not None:
                self.register.commit()
            return results
        except HotspotError as error:
            problem = self._words(error)
        finally:
            if self.register is not None:
                self.register.release()
                self.register = None
        raise QgsProcessingException(problem)
