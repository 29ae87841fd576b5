"""Settings of text messages through Twilio."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr, field_validator, model_validator

from config.section import Section

OptionalFile = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
_E164 = re.compile(r"\+\d{8,15}")


class TextSettings(Section):
    """Text messages to patients who agreed, and to staff: docs/text-messages.md."""

    enabled: bool = Field(default=False, description="Send text messages through Twilio.")
    account_sid: str = Field(default="", description="Twilio's account, like AC0123….")
    auth_token: SecretStr = Field(default=SecretStr(""), description="Better given as credential twilio_token.")
    from_number: str = Field(default="", description="The Twilio number messages go out from, like +15085550111.")
    url: str = Field(default="https://api.twilio.com", description="Twilio's API, or that of a region.")
    patient_notices: bool = Field(default=True, description="Notices to patients who agreed to them.")
    staff_numbers: list[str] = Field(
        default_factory=list[str],
        description="Numbers told of escalated urgent referrals and the daemon's health.",
    )
    alert_urgencies: list[str] = Field(
        default_factory=lambda: ["urgent"], description="Tiers whose escalation is told to staff."
    )
    quiet_from: str = Field(default="20:00", description="Patients are not disturbed from then, in the clinic's zone.")
    quiet_to: str = Field(default="08:00", description="Until then; the same as quiet_from: never quiet.")
    templates_file: OptionalFile = Field(default=None, description="texts.toml; the shipped one by default.")
    poll_seconds: int = Field(default=60, ge=5, le=3600, description="Replies and delivery are asked for this often.")

    @field_validator("from_number")
    @classmethod
    def _is_number(cls, value: str) -> str:
        if value and not _E164.fullmatch(value):
            raise ValueError("write it in international form, like +15085550111")
        return value

    @field_validator("staff_numbers")
    @classmethod
    def _are_numbers(cls, value: list[str]) -> list[str]:
        for one in value:
            if not _E164.fullmatch(one):
                raise ValueError(f"{one!r} is no number in international form, like +15085550123")
        return value

    @field_validator("quiet_from", "quiet_to")
    @classmethod
    def _is_time_of_day(cls, value: str) -> str:
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", value):
            raise ValueError('write a time of day such as "20:00"')
        return value

    @field_validator("url")
    @classmethod
    def _is_https(cls, value: str) -> str:
        if not re.match(r"https://|http://(?:127\.0\.0\.1|localhost)(?::|/|$)", value):
            raise ValueError("the address begins with https://")
        return value.rstrip("/")

    @model_validator(mode="after")
    def _is_whole(self) -> "TextSettings":
        if self.enabled and not (self.account_sid and self.from_number and self.auth_token.get_secret_value()):
            raise ValueError("texts.account_sid, texts.auth_token and texts.from_number are needed when texts.enabled")
        return self
