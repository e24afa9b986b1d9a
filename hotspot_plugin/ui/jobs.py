"""A function in a background task; what it returns comes back on the main thread."""

from __future__ import annotations

from typing import Any, Callable

from qgis.core import QgsApplication, QgsMessageLog, QgsTask
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ..analysis.errors import Cancelled, HotspotError
from ..compat import quiet_task_flags
from ..qobjects import kept
from ..translation import tr

#: What runs: a task whose Python part is gone would do nothing, also when its dock has gone before.
_alive: set = set()


class Job(QgsTask):
    """Runs ``function(job)`` in the background.

    The function must not touch widgets, nor layers of the project; ``job.isCanceled()`` and ``job.setProgress`` are
    there for it. Use :meth:`Jobs.start`, which keeps the job alive.
    """

    came = pyqtSignal(object)
    failed = pyqtSignal(str)
    stopped = pyqtSignal()

    def __init__(self, title: str, function: Callable[[Any], Any]) -> None:
        super().__init__(title, quiet_task_flags())
        self._function: Callable | None = function
        self._result: Any = None
        self._forgotten = False
        self.problem = ""

    def run(self) -> bool:
        """Work; in the background thread."""
        try:
            with kept():
                self._result = self._function(self)
        except Cancelled:
            return False
        except HotspotError as error:
            text = tr(error.text)
            self.problem = text.format(**error.values) if error.values else text
        except Exception as error:  # whatever it is, the user shall see it and the dock go on
            self.problem = unforeseen(error)
            log(error)
        return not self.problem

    def forget(self) -> None:
        """Stop, and call nobody back."""
        # its signals stay: QGIS needs them to see that the task has ended
        self._forgotten = True
        self.cancel()

    def finished(self, well: bool) -> None:
        """Tell; on the main thread."""
        result, self._function, self._result = self._result, None, None
        if self._forgotten:
            return
        if self.isCanceled():  # also where it had just done its work
            self.stopped.emit()
        elif well:
            self.came.emit(result)
        elif self.problem:
            self.failed.emit(self.problem)


def unforeseen(error: Exception) -> str:
    """Return what the user is told of an error that nobody foresaw."""
    return tr("Something went wrong that should not have ({error}). The details stand in QGIS's message log, under"
              " 'Crime Hotspots'.").format(error=f"{type(error).__name__}: {error}")


def log(error: Exception) -> None:
    """Keep for the developers what happened, in QGIS's log."""
    import traceback

    text = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    QgsMessageLog.logMessage(text, "Crime Hotspots", notifyUser=False)


class Jobs(QObject):
    """Starts jobs, and forgets them all when the dock closes."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mine: set = set()

    def start(self, title: str, function: Callable, done: Callable | None = None,
              failed: Callable[[str], None] | None = None, stopped: Callable[[], None] | None = None) -> Job:
        """Start a job; ``done(result)``, ``failed(text)`` or, where the user stops it, ``stopped()`` is called.

        On the main thread, and nobody once the dock has closed.
        """
        job = Job(title, function)
        _alive.add(job)
        self._mine.add(job)
        if done is not None:
            job.came.connect(done)
        if failed is not None:
            job.failed.connect(failed)
        if stopped is not None:
            job.stopped.connect(stopped)
        for signal in (job.taskCompleted, job.taskTerminated):
            signal.connect(lambda: self._over(job))
        QgsApplication.taskManager().addTask(job)
        return job

    def _over(self, job: Job) -> None:
        _alive.discard(job)
        self._mine.discard(job)

    def running(self) -> int:
        """Return how many jobs have not ended."""
        return len(self._mine)

    def close_down(self) -> None:
        """Stop what runs, and call nobody back."""
        for job in list(self._mine):
            job.forget()
        self._mine.clear()
