"""What Prometheus reads: gauges of the store and the watchers, counters of failed steps, the process itself."""

from collections.abc import Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.core import CounterMetricFamily
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import Collector


@dataclass(frozen=True, slots=True)
class Measured:
    """One look at the daemon. `counts` are rows by table and state, as `referrals.sent`."""

    counts: Mapping[str, int]
    heard_seconds_ago: Mapping[str, float]
    step_failures: Mapping[str, int]
    queue_age_s: float
    disk_free_bytes: int
    complaints: int


class _Failures(Collector):
    def __init__(self, failures: Mapping[str, int]) -> None:
        self._failures = failures

    def collect(self) -> list[CounterMetricFamily]:
        family = CounterMetricFamily("referloop_step_failures", "Failed steps since the start", labels=["step"])
        for step, count in self._failures.items():
            family.add_metric([step], count)
        return [family]


def exposed(measured: Measured) -> str:
    """The look in Prometheus' text format, from a registry of its own."""
    registry = CollectorRegistry()
    rows = Gauge("referloop_rows", "Rows by table and state", ["table", "state"], registry=registry)
    for name, count in measured.counts.items():
        table, _, state = name.partition(".")
        rows.labels(table, state).set(count)
    ago = Gauge("referloop_heard_seconds_ago", "Since a watcher last heard its source", ["watcher"], registry=registry)
    for name, seconds in measured.heard_seconds_ago.items():
        ago.labels(name).set(seconds)
    single = (
        ("referloop_queue_age_seconds", "How long the oldest item waits for a person", measured.queue_age_s),
        ("referloop_disk_free_bytes", "Room left for rows and bytes", measured.disk_free_bytes),
        ("referloop_complaints", "Reasons for which /healthz says 503", measured.complaints),
    )
    for name, about, value in single:
        Gauge(name, about, registry=registry).set(value)
    registry.register(_Failures(measured.step_failures))
    ProcessCollector(registry=registry)
    return generate_latest(registry).decode()
