"""The pages say what the code does: links, commands, settings, states, clocks and formats."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from config.policy import Clock, Span, Unit
from config.policy_file import load_policy
from config.reference import find_numbers, parse_number
from config.template import keys, sections
from config.vocabulary import AnswerId, DocumentKind
from gateway.cli import app
from gateway.domain.answers import consequences
from gateway.domain.evidence import AnswerClaim
from gateway.domain.referral import TRANSITIONS, Referral, Status
from gateway.services.intake_form import IntakeForm, parse_intake_csv, parse_intake_json
from gateway.services.recipient_form import parse_recipient_json
from tests.builders import NOON, an_evidence, an_intake

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
_FENCED = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"(\d+) (bh|bd)")
_SECTIONS = {name: set(keys(model)) for name, model in sections()}

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def anchors(path: Path) -> set[str]:
    """The places in a page that a link can name, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def code_in(text: str) -> Iterator[str]:
    """Lines of indented or fenced blocks, and what stands in backticks."""
    for _, block in _FENCED.findall(text):
        yield from block.splitlines()
    prose = _FENCED.sub("", text)
    yield from (line.strip() for line in prose.splitlines() if line.startswith("    "))
    yield from re.findall(r"`([^`\n]+)`", prose)


def commands_in(text: str) -> Iterator[list[str]]:
    """The words behind each `referloop` or `./run` that stands where a command begins."""
    begin = re.compile(r"(?:^|\$ |/bin/|&& )(?:referloop|\./run) ([a-z-].*)")
    for line in code_in(text):
        if match := begin.search(line):
            yield re.split(r"\s+(?:&&|#|\|)|\s{2,}", match[1])[0].split()


def rows_of(text: str, first_column: str) -> list[list[str]]:
    """The cells of the table whose head begins with this column."""
    table = text.split(f"| {first_column} |", 1)[1].split("\n\n", 1)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in table]


def named(cell: str) -> set[str]:
    return set(re.findall(r"`(\w+)`", cell))


@every_page
def test_every_link_of_a_page_leads_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name) if name else page
        assert file.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(file), f"{target} names no heading"


@every_page
def test_every_command_that_a_page_shows_exists_with_its_options(page: Path) -> None:
    for words in commands_in(page.read_text(encoding="utf-8")):
        command, left = get_command(app), list(words)
        while isinstance(command, TyperGroup) and left and not left[0].startswith("-"):
            assert left[0] in command.commands, f"there is no command {' '.join(words)}"
            command = command.commands[left.pop(0)]
        known = {option for parameter in command.params for option in parameter.opts} | {"--help"}
        used = {word for word in left if re.fullmatch(r"--?[a-z][a-z-]*", word)}
        assert used <= known, f"{command.name} knows no {used - known}"


@every_page
def test_every_setting_that_a_page_names_exists(page: Path) -> None:
    for token in re.findall(r"`([a-z_]+(?:\.[a-z_]+)+)`", page.read_text(encoding="utf-8")):
        section, _, key = token.rpartition(".")
        if section in _SECTIONS:
            assert key in _SECTIONS[section] or token in _SECTIONS, f"there is no setting {token}"


def test_the_drawing_holds_every_state_and_only_legal_steps() -> None:
    drawing = next(block for kind, block in _FENCED.findall(page("flow.md")) if kind == "mermaid")
    steps = re.findall(r"^\s+(\S+) --> (\w+|\[\*\])", drawing, re.MULTILINE)
    assert {name for step in steps for name in step} - {"[*]"} == set(Status)
    for before, after in steps:
        if "[*]" not in (before, after):
            assert Status(after) in TRANSITIONS[Status(before)], f"{before} never becomes {after}"


def test_the_table_of_steps_is_the_codes_own() -> None:
    told = {Status(named(first).pop()): named(then) for first, then in rows_of(page("flow.md"), "from")}
    assert told == {status: {str(then) for then in steps} for status, steps in TRANSITIONS.items()}


def test_the_table_of_clocks_is_the_shipped_policy() -> None:
    policy = load_policy()
    rows = rows_of(page("flow.md"), "tier")
    assert [row[0] for row in rows] == list(policy.tiers)
    for name, *cells in rows:
        spans = dict(zip(Clock, cells, strict=False))
        assert {clock: _span(text) for clock, text in spans.items()} == policy.tiers[name].clocks
        steps = [step.strip() for step in cells[-1].split(";")]
        ladder = policy.tiers[name].ladders[Clock.ACKNOWLEDGED]
        assert [re.sub(r" (at once|\d.*)", "", step).replace(" ", "_") for step in steps] == [r.step for r in ladder]
        assert [_span(step) for step in steps] == [rung.after for rung in ladder]


def _span(text: str) -> Span:
    """`4 bh` and `2 bd`; nothing written is at once."""
    match = _SPAN.search(text)
    if match is None:
        return Span(0.0, Unit.SECONDS)
    return Span(float(match[1]), Unit.BUSINESS_HOURS if match[2] == "bh" else Unit.BUSINESS_DAYS)


def test_what_each_box_does_is_what_the_page_says() -> None:
    rows = rows_of(page("form.md"), "box id")
    assert {named(row[0]).pop() for row in rows} == set(AnswerId) - {AnswerId.APPOINTMENT_AM, AnswerId.APPOINTMENT_PM}
    sent = Referral(1, "4K7M92XQ", an_intake(), Status.SENT, NOON, NOON)
    for box, _, becomes, tasks in rows:
        ticked = (AnswerClaim(AnswerId(named(box).pop()), 0.99),)
        evidence = an_evidence(
            kind=DocumentKind.CONFIRMATION,
            ticked=ticked,
            appointment_at=NOON.replace(tzinfo=None),
            appointment_confidence=0.99,
        )
        follows = consequences(sent, evidence, ZoneInfo("UTC"), close_on_report=True)
        assert follows.moves == (Status(re.findall(r"`(\w+)`", becomes)[0]),)
        assert {kind.value for kind, _ in follows.tasks} == named(tasks)


def test_the_examples_of_what_comes_in_are_accepted() -> None:
    blocks = _FENCED.findall(page("data.md"))
    referral, office = (block.encode() for kind, block in blocks if kind == "json")
    assert parse_intake_json(referral).recipient == parse_recipient_json(office).name
    table = next(block for kind, block in blocks if kind == "csv")
    assert all(isinstance(row, IntakeForm) for row in parse_intake_csv(table))


def test_the_example_of_a_code_is_whole() -> None:
    code = re.search(r"RL1-(\w{8})-01-01-02-\w{8}", page("form.md"))
    assert code is not None
    assert parse_number(code[1]) == code[1]


def test_numbers_in_examples_have_their_check_character() -> None:
    for text in (page("commands.md"), page("data.md")):
        shown = re.findall(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}\b", text)
        assert set(find_numbers(" ; ".join(shown))) == {number.replace("-", "") for number in shown}


def test_the_shape_of_read_is_json() -> None:
    shown = next(block for kind, block in _FENCED.findall(page("commands.md")) if kind == "json")
    assert {"file", "seconds", "documents"} <= set(json.loads(shown))
