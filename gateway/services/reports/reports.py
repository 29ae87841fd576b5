"""All reports together, as the pages and the command line use them."""

from dataclasses import dataclass

from gateway.services.ports import Clock
from gateway.services.reports.closed_loop import ReportClosedLoop
from gateway.services.reports.open_loops import ReportOpenLoops
from gateway.services.reports.questions import ReportStore
from gateway.services.reports.turnaround import ReportTurnaround
from gateway.services.reports.volume import ReportVolume
from gateway.services.rules import Rules


@dataclass(frozen=True, slots=True)
class Reports:
    """One of each."""

    open_loops: ReportOpenLoops
    turnaround: ReportTurnaround
    volume: ReportVolume
    closed_loop: ReportClosedLoop

    @classmethod
    def over(cls, store: ReportStore, clock: Clock, rules: Rules) -> "Reports":
        """Over one store."""
        return cls(
            ReportOpenLoops(store, clock, rules),
            ReportTurnaround(store, clock, rules),
            ReportVolume(store, clock, rules),
            ReportClosedLoop(store, clock, rules),
        )
