"""Functions in background tasks: results, failures in plain words, cancelling, and docks that go before they end."""

from __future__ import annotations

import threading
import time

import pytest
from qgis.core import QgsApplication

from hotspot_plugin.analysis.errors import InputError
from hotspot_plugin.ui import jobs as module
from hotspot_plugin.ui.jobs import Jobs

from .conftest import settle


@pytest.fixture
def jobs(qgis_app):
    made = Jobs()
    yield made
    made.close_down()


def test_result_comes_on_the_main_thread(jobs, wait_until):
    came = []
    jobs.start("x", lambda job: threading.current_thread().name, lambda r: came.append(
        (r, threading.current_thread() is threading.main_thread())))
    wait_until(lambda: came)
    assert came[0][0] != "MainThread" and came[0][1]
    wait_until(lambda: not jobs.running() and not module._alive)


@pytest.mark.parametrize("done_before", [False, True])
def test_who_stops_a_job_hears_of_it_also_where_it_had_just_done_its_work(jobs, wait_until, done_before):
    came, stopped, worked = [], [], threading.Event()

    def work(job):
        if not done_before:
            while not job.isCanceled():
                time.sleep(0.005)
        worked.set()

    job = jobs.start("x", work, came.append, came.append, lambda: stopped.append(1))
    if done_before:
        assert worked.wait(20)
        time.sleep(0.2)  # it has ended, and this thread has not heard of it yet
    job.cancel()
    wait_until(lambda: stopped)
    settle(0.1)
    assert stopped == [1] and not came and not jobs.running()


def test_refusal_is_told_in_its_words(jobs, wait_until):
    told = []

    def refuse(job):
        raise InputError("INPUT", "'{name}' is empty.", name="streets")

    jobs.start("x", refuse, told.append, told.append)
    wait_until(lambda: told)
    assert told == ["'streets' is empty."]


def test_unforeseen_error_is_told_and_logged(jobs, wait_until):
    told, logged = [], []
    QgsApplication.messageLog().messageReceived.connect(lambda *entry: logged.append(entry))
    jobs.start("x", lambda job: 1 / 0, told.append, told.append)
    wait_until(lambda: told and logged)
    assert "division by zero" in told[0] and "went wrong" in told[0]
    assert any("Traceback" in entry[0] and entry[1] == "Crime Hotspots" for entry in logged)


def _waits(begun):
    def work(job):
        begun.set()
        while not job.isCanceled():
            time.sleep(0.005)
        return "too late"

    return work


def test_cancelled_job_tells_nothing(jobs, wait_until):
    told, begun = [], threading.Event()
    job = jobs.start("x", _waits(begun), told.append, told.append)
    wait_until(begun.is_set)
    job.cancel()
    wait_until(lambda: not jobs.running())
    assert told == []


def test_cancelled_before_it_began(jobs, wait_until):
    told = []
    jobs.start("x", lambda job: 1, told.append, told.append).cancel()
    wait_until(lambda: not jobs.running())
    assert told == []


def test_jobs_that_are_left_end_and_call_nobody(qgis_app, wait_until):
    told, begun, manager = [], threading.Event(), QgsApplication.taskManager()
    jobs = Jobs()
    jobs.start("x", _waits(begun), told.append, told.append)
    wait_until(begun.is_set)
    jobs.close_down()
    jobs.deleteLater()
    wait_until(lambda: not module._alive and manager.countActiveTasks() == 0)
    settle()
    assert told == []
