"""The policy: its defaults come from published expectations, its mistakes are named."""

from pathlib import Path

import pytest

from config.errors import SettingsError
from config.policy import Clock, Policy, Span, StepKind, Unit
from config.policy_file import load_policy, parse_span

DAYS, HOURS = Unit.BUSINESS_DAYS, Unit.BUSINESS_HOURS
SHIPPED = Path(__file__).parents[3].joinpath("config/defaults/policy.toml").read_text(encoding="utf-8")


@pytest.fixture(name="policy", scope="module")
def the_shipped_policy() -> Policy:
    return load_policy()


def business_days(span: Span) -> float:
    return span.amount / {DAYS: 1, HOURS: 9}[span.unit]


def test_there_are_three_urgencies_the_strictest_first(policy: Policy) -> None:
    assert list(policy.tiers) == ["emergent", "urgent", "routine"]
    for clock in Clock:
        waits = [business_days(tier.clocks[clock]) for tier in policy.tiers.values()]
        assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("clock", "calendar_days"),
    [(Clock.ACKNOWLEDGED, 7), (Clock.DECIDED, 14), (Clock.BOOKED, 14), (Clock.REPORT_IN, 30)],
)
def test_routine_waits_no_longer_than_albertas_standard(policy: Policy, clock: Clock, calendar_days: int) -> None:
    span = policy.tiers["routine"].clocks[clock]
    assert span.unit is DAYS
    assert span.amount * 7 / 5 <= calendar_days
    assert span.amount * 7 / 5 >= calendar_days - 2


def test_urgent_is_acknowledged_and_decided_within_48_hours(policy: Policy) -> None:
    clocks = policy.tiers["urgent"].clocks
    assert business_days(clocks[Clock.ACKNOWLEDGED]) <= 1
    assert business_days(clocks[Clock.DECIDED]) <= 2


@pytest.mark.parametrize(
    ("tier", "steps"),
    [
        ("emergent", ["call", "resend", "other_channel", "tell_clinician"]),
        ("urgent", ["resend", "other_channel", "call", "tell_clinician"]),
        ("routine", ["resend", "other_channel", "call", "tell_clinician"]),
    ],
)
def test_every_ladder_ends_with_the_referring_clinician(policy: Policy, tier: str, steps: list[str]) -> None:
    for ladder in policy.tiers[tier].ladders.values():
        assert [rung.step.value for rung in ladder] == steps


def test_the_report_closes_and_a_busy_line_is_tried_three_times_more(policy: Policy) -> None:
    assert policy.close_on_report
    assert [wait.amount for wait in policy.retry.waits] == [300, 900, 3600]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("4 business hours", Span(4, HOURS)),
        ("1 Business Day", Span(1, DAYS)),
        ("  2.5 business days ", Span(2.5, DAYS)),
        ("90 seconds", Span(90, Unit.SECONDS)),
        ("1 week", Span(604800, Unit.SECONDS)),
        ("0 seconds", Span(0, Unit.SECONDS)),
    ],
)
def test_lengths_of_time_are_written_in_words(text: str, span: Span) -> None:
    assert parse_span(text) == span


@pytest.mark.parametrize(
    "text", ["", "soon", "4", "-1 days", "4 business weeks", "3 months", 4, None, "1e9 days", "५ days x"]
)
def test_other_lengths_are_refused_with_what_to_write(text: object) -> None:
    with pytest.raises(ValueError, match='write "4 business hours"'):
        parse_span(text)


def test_business_time_is_not_elapsed_time() -> None:
    with pytest.raises(ValueError, match="ask the calendar"):
        _ = Span(1, DAYS).elapsed


def test_one_clock_may_have_a_ladder_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    own = '\n[tiers.routine.ladders]\nseen = [{ after = "1 business day", step = "call" }]\n'
    file.write_text(SHIPPED + own, encoding="utf-8")
    ladders = load_policy(file).tiers["routine"].ladders
    assert [rung.step for rung in ladders[Clock.SEEN]] == [StepKind.CALL]
    assert len(ladders[Clock.BOOKED]) == 4


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('seen = "3 business days"', 'seen = "shortly"', "tiers.routine.seen"),
        ('decided = "10 business days"\n', "", "tiers.routine.decided"),
        ('step = "call" }', 'step = "shout" }', r"tiers.emergent.ladder.0.step"),
        ("close_on_report = true", "close_on_reprot = true", "close_on_reprot"),
        ("[retry]\n", "[retry\n", "is no TOML"),
        ('waits = ["5 minutes", "15 minutes", "60 minutes"]', "waits = 3", "retry.waits"),
    ],
)
def test_a_mistake_names_its_key_and_its_file(tmp_path: Path, old: str, new: str, named: str) -> None:
    assert old in SHIPPED
    file = tmp_path / "policy.toml"
    file.write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError, match=named) as error:
        load_policy(file)
    assert str(file) in str(error.value)


def test_a_missing_file_and_a_policy_without_urgencies_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"check followup\.policy_file"):
        load_policy(tmp_path / "nowhere.toml")
    empty = tmp_path / "empty.toml"
    empty.write_text("[retry]\nwaits = []\n[tiers]\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="name at least one urgency"):
        load_policy(empty)
