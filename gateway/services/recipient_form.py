"""An office of the directory as the clinic writes it in JSON."""

import re
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, ValidationError, model_validator

from config.policy import Clock, Span
from config.policy_file import parse_span
from config.vocabulary import Channel
from gateway.domain.directory import Recipient
from gateway.services.form_fields import Email, FaxNumber, FilledLine, Form, Line, Npi, Phone, Text, refusal
from gateway.services.json_object import json_object

_CLOCK_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d", re.ASCII)


def _zone(name: str) -> str:
    if name and name not in available_timezones():
        raise ValueError(f"{name!r} is no time zone: write an IANA name such as America/New_York")
    return name


def _time_of_day(text: str) -> str:
    if not _CLOCK_TIME.fullmatch(text):
        raise ValueError(f"{text!r} is no time of day: write it as 08:00 or 17:30")
    return text


def _agreed(value: object) -> object:
    if not isinstance(value, dict):
        return value
    known = [clock.value for clock in Clock]
    for clock in value:
        if clock not in known:
            raise ValueError(f"{clock!r} is nothing that can be agreed: write one of {', '.join(known)}")
    return value


def _channel(value: object) -> object:
    if value not in (None, "", Channel.FAX, Channel.EMAIL):
        raise ValueError(f"{value!r} is no channel to send by: write fax or email")
    return value or None


ClockTime = Annotated[str, AfterValidator(_time_of_day)]
SendChannel = Annotated[Channel | None, BeforeValidator(_channel)]


class RecipientForm(Form):
    """An office: at least a name and a fax number or an email address."""

    name: FilledLine
    organization: Line = ""
    specialty: Line = ""
    npi: Npi = ""
    fax: FaxNumber = ""
    email: Email = ""
    phone: Phone = ""
    address: Line = ""
    city: Line = ""
    notes: Text = ""
    preferred: SendChannel = None
    fallback: SendChannel = None
    zone: Annotated[str, AfterValidator(_zone)] = ""
    opens: ClockTime = "08:00"
    closes: ClockTime = "17:00"
    agreed: Annotated[dict[Clock, Annotated[Span, BeforeValidator(parse_span)]] | None, BeforeValidator(_agreed)] = None
    email_security: Literal["tls", "password"] = "tls"
    pdf_password: Line = ""

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        has = {Channel.FAX: self.fax, Channel.EMAIL: self.email}
        if not any(has.values()):
            raise ValueError("fax or email: the office cannot be reached: give at least one of them")
        for role, channel in (("preferred", self.preferred), ("fallback", self.fallback)):
            if channel and not has[channel]:
                raise ValueError(
                    f"{role}: is {channel.value}, but {channel.value} is empty: fill it in or choose another"
                )
        if self.opens >= self.closes:
            raise ValueError(f"opens: {self.opens} is not before closes, {self.closes}: correct one of them")
        if self.email_security == "password" and not self.pdf_password:
            raise ValueError('pdf_password: is empty, but email_security is "password": agree on one with the office')
        return self

    def to_recipient(self) -> Recipient:
        """The office as the directory keeps it, not stored yet (id 0)."""
        return Recipient(
            name=self.name,
            organization=self.organization,
            specialty=self.specialty,
            npi=self.npi,
            fax=self.fax,
            email=self.email,
            phone=self.phone,
            address=self.address,
            city=self.city,
            notes=self.notes,
            preferred=self.preferred or (Channel.FAX if self.fax else Channel.EMAIL),
            fallback=self.fallback,
            zone=self.zone,
            opens=self.opens,
            closes=self.closes,
            agreed=self.agreed,
            email_security=self.email_security,
            pdf_password=self.pdf_password,
        )


def parse_recipient_json(data: bytes) -> RecipientForm:
    """One office from JSON.

    Raises:
        InvalidIntake: names each wrong field and what to write instead.
    """
    try:
        return RecipientForm.model_validate(json_object(data))
    except ValidationError as error:
        raise refusal(error) from error
