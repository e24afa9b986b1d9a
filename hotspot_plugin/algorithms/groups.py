"""The groups of the toolbox, in its order."""

from __future__ import annotations

from typing import NamedTuple


class Group(NamedTuple):
    """A toolbox group: its fixed id and its title in English."""

    id: str
    title: str


DATA = Group("data", "Data preparation")
HOTSPOTS = Group("hotspots", "Hot spot detection")
TEMPORAL = Group("temporal", "Time patterns")
PATROL = Group("patrol", "Patrol planning")
CPTED = Group("cpted", "CPTED")
COMMUNITY = Group("community", "Community input")
PROBLEMS = Group("problems", "Problems and actions")
EVALUATION = Group("evaluation", "Evaluation")
PRIVACY = Group("privacy", "Privacy and publication")
TRAINING = Group("training", "Practice and training")
