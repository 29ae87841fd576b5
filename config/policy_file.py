"""Reading policy.toml into a Policy; every mistake names the key, the file and the fix."""

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from config.errors import SettingsError
from config.policy import Clock, Policy, Retry, Rung, Span, StepKind, Tier, Unit

_SPAN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(second|minute|hour|day|week|business hour|business day)s?\s*", re.IGNORECASE)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}


def parse_span(text: object) -> Span:
    """A length of time in words: "4 business hours", "2 business days", "90 seconds".

    Raises:
        ValueError: saying what to write instead.
    """
    if isinstance(text, Span):
        return text
    match = _SPAN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise ValueError(f'{text!r} is no length of time: write "4 business hours", "2 business days" or "90 seconds"')
    amount, unit = float(match[1]), match[2].lower()
    if unit.startswith("business"):
        return Span(amount, Unit.BUSINESS_HOURS if unit.endswith("hour") else Unit.BUSINESS_DAYS)
    return Span(amount * _SECONDS[unit], Unit.SECONDS)


SpanText = Annotated[Span, BeforeValidator(parse_span)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rung(_Strict):
    after: SpanText
    step: StepKind


class _Tier(_Strict):
    acknowledged: SpanText
    decided: SpanText
    booked: SpanText
    seen: SpanText
    report_in: SpanText
    ladder: list[_Rung]
    ladders: dict[Clock, list[_Rung]] = {}


class _Retry(_Strict):
    waits: list[SpanText]


class _Policy(_Strict):
    close_on_report: bool = True
    retry: _Retry
    tiers: dict[str, _Tier]


def load_policy(path: Path | None = None) -> Policy:
    """The policy in a file; the shipped one without a path.

    Raises:
        SettingsError: names the key, the file and the fix.
    """
    name = str(path) if path else "the shipped policy.toml"
    try:
        text = (path or files("config").joinpath("defaults", "policy.toml")).read_text(encoding="utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{name}: cannot be read ({error.strerror}); check followup.policy_file") from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{name}: is no TOML: {error}") from error
    return _policy(raw, name)


def _policy(raw: dict[str, Any], name: str) -> Policy:
    try:
        model = _Policy.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{name}: {key}: {first['msg']}") from error
    if not model.tiers:
        raise SettingsError(f"{name}: tiers: name at least one urgency, such as [tiers.routine]")
    return Policy(
        tiers={tier: _tier(tier, value) for tier, value in model.tiers.items()},
        retry=Retry(tuple(model.retry.waits)),
        close_on_report=model.close_on_report,
    )


def _tier(name: str, model: _Tier) -> Tier:
    return Tier(
        name=name,
        clocks={clock: getattr(model, clock.value) for clock in Clock},
        ladders={
            clock: tuple(Rung(rung.after, rung.step) for rung in model.ladders.get(clock, model.ladder))
            for clock in Clock
        },
    )
