"""`referloop report NAME`: the reports, as a table, CSV or JSON."""

from typing import Annotated

import typer

from gateway.commands.output import AsJson, print_rows
from gateway.commands.state import Config, desk
from gateway.desk import Desk
from gateway.services.reports.closed_loop import listed
from gateway.services.reports.questions import By, Which
from gateway.services.reports.sheet import Sheet

AsCsv = Annotated[bool, typer.Option("--csv", help="Print CSV instead of a table.")]
Since = Annotated[str, typer.Option("--since", help="The first day, YYYY-MM-DD.")]
Until = Annotated[str, typer.Option("--until", help="The last day, YYYY-MM-DD.")]

app = typer.Typer(no_args_is_help=True, help="Open loops, turnaround, volume, the closed-loop measure.")


@app.command("open-loops")
def open_loops(
    config: Config,
    *,
    day: Annotated[str, typer.Option(help="As it was at the end of this day; now, unless told.")] = "",
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Every referral that is not closed: why, for how long, what was tried, who has it, what comes next."""
    with desk(config) as at_desk:
        _print(at_desk, at_desk.reports.open_loops.report(day).sheet, as_csv=as_csv, as_json=as_json)


@app.command("turnaround")
def turnaround(
    config: Config,
    *,
    since: Since = "",
    until: Until = "",
    by: Annotated[By, typer.Option(help="What it is told apart by.")] = By.SPECIALIST,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """Days from sending to the first answer, appointment, visit and report; the last 90 days unless told."""
    with desk(config) as at_desk:
        _print(at_desk, at_desk.reports.turnaround.report(since, until, by).sheet, as_csv=as_csv, as_json=as_json)


@app.command("volume")
def volume(
    config: Config,
    *,
    since: Since = "",
    until: Until = "",
    per: Annotated[str, typer.Option(help="day or week.")] = "",
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """What came and went, what was filed without a person, and how long the rest waited; four weeks unless told."""
    with desk(config) as at_desk:
        _print(at_desk, at_desk.reports.volume.report(since, until, per).sheet, as_csv=as_csv, as_json=as_json)


@app.command("closed-loop")
def closed_loop(
    config: Config,
    *,
    since: Since = "",
    until: Until = "",
    behind: Annotated[Which | None, typer.Option(help="The referrals behind one of the numbers.")] = None,
    visits: Annotated[
        typer.FileBinaryRead | None, typer.Option(help="CSV of qualifying visits, with columns mrn and date.")
    ] = None,
    as_csv: AsCsv = False,
    as_json: AsJson = False,
) -> None:
    """CMS50v14, Closing the Referral Loop, and the rate over all referrals; this calendar year unless told."""
    with desk(config) as at_desk:
        ask = at_desk.reports.closed_loop
        if behind is None:
            sheet = ask.report(since, until, visits.read() if visits else None).sheet
        else:
            sheet = listed(behind.value, ask.behind(since, until, behind)[1])
        _print(at_desk, sheet, as_csv=as_csv, as_json=as_json)


def _print(at_desk: Desk, sheet: Sheet, *, as_csv: bool, as_json: bool) -> None:
    zone = at_desk.rules.zone
    if as_csv:
        typer.echo(sheet.csv(zone), nl=False)
        return
    print_rows(sheet.rows, as_json=as_json, empty="Nothing.", zone=zone)
