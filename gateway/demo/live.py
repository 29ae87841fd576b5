"""The demo's live view in the terminal: each referral moving, redrawn from the rows twice a second."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from config.reference import format_number
from gateway.demo.clinic import PASSWORD, PERSON
from gateway.domain.event import Event
from gateway.domain.referral import Referral, Status
from gateway.services.ports import Store

_ROAD = (Status.READY, Status.SENT, Status.DELIVERED, Status.ACKNOWLEDGED, Status.SCHEDULED, Status.SEEN)
_ASIDE = frozenset(
    {
        Status.NEEDS_INFORMATION,
        Status.DECLINED,
        Status.PATIENT_UNREACHABLE,
        Status.NO_SHOW,
        Status.DELIVERY_FAILED,
        Status.CANCELLED,
    }
)
_STYLE = {"emergent": "bold red", "urgent": "yellow", "routine": "dim"}


@dataclass(frozen=True, slots=True)
class View:
    """What the screen shows besides the rows."""

    address: str
    folder: str
    seconds: float


def draw(store: Store, view: View) -> RenderableType:
    """The whole screen."""
    with store.transaction() as tx:
        referrals = sorted(tx.referrals(), key=lambda referral: referral.id)
        offices = {r.id: r.name for r in tx.recipients()}
        waiting = len(tx.queue())
        tasks = tx.tasks()
        last = tx.events(after_seq=max(0, tx.last_seq() - 6))
    table = Table(box=None, pad_edge=False, header_style="bold", expand=True)
    for name in ("number", "patient", "to", "urgency", "where it stands", "asked"):
        table.add_column(name, no_wrap=True)
    for referral in referrals:
        table.add_row(*_row(referral, offices))
    numbers = {referral.id: format_number(referral.number) for referral in referrals}
    news = Text("\n".join(_told(chained.event, numbers) for chained in last), "dim")
    foot = Text.assemble(
        (f"{waiting} in review", "magenta" if waiting else "dim"),
        "   ",
        (f"{len(tasks)} tasks for staff", "cyan" if tasks else "dim"),
        f"   {view.seconds:.0f} s   ",
        (view.address, "underline"),
        f"\nlog in there as {PERSON}, password {PASSWORD}",
    )
    return Group(Panel(table, title="Referloop demo: every fax and mail below is simulated"), news, foot)


def _row(referral: Referral, offices: dict[int, str]) -> Sequence[str | Text]:
    patient, urgency = referral.intake.patient, referral.intake.urgency
    return (
        format_number(referral.number),
        f"{patient.family}, {patient.given}",
        offices.get(referral.intake.recipient_id, ""),
        Text(urgency, _STYLE.get(urgency, "")),
        _stands(referral),
        f"{referral.requests_sent}x" + (" !" if referral.escalated_at else ""),
    )


def _stands(referral: Referral) -> Text:
    if referral.status is Status.CLOSED:
        return Text("●" * len(_ROAD) + " closed: report in", "bold green")
    if referral.status in _ASIDE:
        return Text(f"◆ {referral.status.value.replace('_', ' ')}", "bold yellow")
    steps = _ROAD.index(referral.status) + 1 if referral.status in _ROAD else len(_ROAD)
    word = referral.status.value.replace("_", " ")
    if referral.appointment_at and referral.status is Status.SCHEDULED:
        word += f" {referral.appointment_at:%b %d}"
    return Text("●" * steps + "○" * (len(_ROAD) - steps) + f" {word}")


def _told(event: Event, numbers: dict[int, str]) -> str:
    told = ", ".join(
        f"{name} {value}" for name, value in (event.detail or {}).items() if name in ("to", "why", "step", "kind")
    )
    what = event.kind.value.replace("_", " ")
    about = numbers.get(event.referral_id or 0, "")
    return f"{event.at:%H:%M:%S}  {about:9}  {what}{': ' + told if told else ''}"
