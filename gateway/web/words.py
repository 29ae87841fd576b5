"""How the pages say things: a state's shape, a span in words."""

from datetime import timedelta

from gateway.domain.referral import Status

MARKS: dict[Status, str] = {
    Status.DRAFT: "\u25cc",  # dotted circle
    Status.READY: "\u25cb",  # empty circle, which fills while the loop closes
    Status.SENT: "\u25d4",
    Status.DELIVERED: "\u25d4",
    Status.ACKNOWLEDGED: "\u25d1",
    Status.SCHEDULED: "\u25d1",
    Status.SEEN: "\u25d5",
    Status.REPORT_RECEIVED: "\u25cf",
    Status.CLOSED: "\u2714",
    Status.NEEDS_INFORMATION: "\u25c7",  # diamond: a person must act
    Status.DECLINED: "\u25c7",
    Status.PATIENT_UNREACHABLE: "\u25c7",
    Status.NO_SHOW: "\u25c7",
    Status.DELIVERY_FAILED: "\u25c7",
    Status.CANCELLED: "\u2716",
}
"""Each status as a shape, so that a page can be skimmed without colours."""

_UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"), (1, "second"))


def spaced(word: str) -> str:
    """A name of the code as words: `report_received` is report received."""
    return str(word).replace("_", " ")


def span_in_words(span: timedelta) -> str:
    """The span in its largest whole unit: 3 days, 1 hour, 20 seconds."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in _UNITS:
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}" if count == 1 else f"{count} {unit}s"
    return "a moment"
