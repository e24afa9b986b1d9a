"""The one list of tools, and the provider that offers them to QGIS."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtGui import QIcon

from .loading import part
from .translation import tr

HERE = Path(__file__).parent

#: (module below ``algorithms``, class), in the order of the toolbox groups.
TOOLS = [
    ("data.agencysettings", "AgencySettings"),
    ("data.prepareincidents", "PrepareIncidents"),
    ("data.checkincidents", "CheckIncidents"),
    ("data.classifyincidents", "ClassifyIncidents"),
    ("data.analysisgrid", "AnalysisGrid"),
    ("data.countincidents", "CountIncidents"),
    ("hotspots.kerneldensity", "KernelDensity"),
    ("hotspots.gistar", "GiStar"),
    ("hotspots.findhotspots", "FindHotspots"),
    ("hotspots.enforcementcheck", "EnforcementCheck"),
    ("hotspots.repeatlocations", "RepeatLocations"),
    ("hotspots.hotspotprofile", "HotspotProfile"),
    ("temporal.crimesummary", "CrimeSummary"),
    ("temporal.incidentseries", "IncidentSeries"),
    ("patrol.patrolzones", "PatrolZones"),
    ("cpted.lightingcoverage", "LightingCoverage"),
    ("cpted.cptedscore", "CptedScore"),
    ("cpted.visibility", "Visibility"),
    ("cpted.naturalsurveillance", "NaturalSurveillance"),
    ("cpted.accesscontrol", "AccessControl"),
    ("cpted.territoriality", "Territoriality"),
    ("cpted.maintenance", "Maintenance"),
    ("cpted.cptedaudit", "CptedAudit"),
    ("cpted.cptedauditscore", "CptedAuditScore"),
    ("cpted.cptedmeasures", "CptedMeasures"),
    ("cpted.cptedcompare", "CptedCompare"),
    ("cpted.cptedlink", "CptedLink"),
    ("community.communitylayer", "CommunityLayer"),
    ("community.importcommunityinput", "ImportCommunityInput"),
    ("community.communityconcern", "CommunityConcern"),
    ("community.surveysummary", "SurveySummary"),
    ("community.concordance", "Concordance"),
    ("problems.casefile", "CaseFile"),
    ("problems.problemregister", "ProblemRegister"),
    ("problems.meetingsheet", "MeetingSheet"),
    ("evaluation.evaluationareas", "EvaluationAreas"),
    ("evaluation.compareperiods", "ComparePeriods"),
    ("evaluation.weighteddisplacement", "WeightedDisplacement"),
    ("evaluation.detectableeffect", "DetectableEffect"),
    ("evaluation.diffindiff", "DiffInDiff"),
    ("evaluation.interruptedseries", "InterruptedSeries"),
    ("evaluation.surveychange", "SurveyChange"),
    ("evaluation.syntheticcontrol", "SyntheticControl"),
    ("evaluation.datedevents", "DatedEvents"),
    ("evaluation.patternchange", "PatternChange"),
    ("evaluation.hotspottracking", "HotspotTracking"),
    ("evaluation.evaluationreport", "EvaluationReport"),
    ("privacy.publicrelease", "PublicRelease"),
    ("training.practicecity", "PracticeCity"),
]


def version() -> str:
    """Return the plugin's version as its metadata states it."""
    for line in (HERE / "metadata.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("version="):
            return line.split("=", 1)[1].strip()
    return ""


class HotspotProvider(QgsProcessingProvider):
    """The tools in the Processing toolbox."""

    def id(self) -> str:
        return "hotspot"

    def name(self) -> str:
        return tr("Crime Hotspots")

    def longName(self) -> str:  # noqa: N802
        return tr("Crime Hotspots: hot spots, patrol, environment, community, evaluation")

    def versionInfo(self) -> str:  # noqa: N802
        return version()

    def icon(self) -> QIcon:
        return QIcon(self.svgIconPath())

    def svgIconPath(self) -> str:  # noqa: N802
        return str(HERE / "icons" / "hotspot.svg")

    def loadAlgorithms(self) -> None:  # noqa: N802
        # New objects each time: QGIS deletes the old ones when it refreshes the provider.
        for module, name in TOOLS:
            tool = part(f"{__package__}.algorithms.{module}", name)
            self.addAlgorithm(tool())
