"""The words of text messages: discreet in every language, checked when they are loaded, and replies understood."""

from datetime import UTC, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from config.errors import SettingsError
from config.texts import LANGUAGES, load_texts
from gateway.domain.referral import Referral, Status
from gateway.domain.text_message import QuietHours, Reply, meaning_of
from gateway.services.text_notices import given_away
from tests.builders import NOON, a_patient, a_recipient, an_intake

SHIPPED = (Path(__file__).parents[2] / "config" / "defaults" / "texts.toml").read_text(encoding="utf-8")
SAID = {"clinic": "Elm Street Cardiology", "phone": "508-555-0100", "date": "Monday, April 6", "time": " at 2:30 PM"}
REFERRAL = Referral(
    1, "ABCD2345", an_intake(icd10=("I20.9", "E11"), patient=a_patient(given="Maria")), Status.SENT, NOON, NOON
)
KINDS = ("referral_sent", "appointment_booked", "appointment_changed", "call_us")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", KINDS)
def test_no_shipped_message_names_anything_clinical_a_patient_or_an_office(kind: str, language: str) -> None:
    body = load_texts().filled(kind, language, SAID)
    assert given_away(body, REFERRAL, a_recipient(), SAID["clinic"]) == ""
    assert "{" not in body
    assert len(body) <= 320


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ("your cardiology visit", "cardiology"),
        ("Dr. Ada Quist will see you", "quist"),
        ("Harbor Cardiology called", "cardiology"),
        ("Mrs. OKAFOR, please call", "okafor"),
        ("about your chest pain", "chest"),
        ("diagnosis I20.9", "i20"),
        ("record 0048213", "0048213"),
    ],
)
def test_what_gives_something_away_is_found(body: str, word: str) -> None:
    assert given_away(body, REFERRAL, a_recipient(), "Elm Street Clinic") == word


def test_the_clinics_own_name_is_its_own_to_tell() -> None:
    assert given_away("Elm Street Cardiology: call us", REFERRAL, a_recipient(), "Elm Street Cardiology") == ""


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{clinic}: please", "{specialty}: please", "en.call_us may hold"),
        ('call_us = "{clinic}', 'call_them = "{clinic}', "lacks call_us"),
        ("is on {date}{time}", "is soon", "must hold {date}"),
        ("{clinic}: please", "{clinic: please", "call_us"),
    ],
)
def test_a_template_with_a_mistake_says_where_and_what(tmp_path: Path, old: str, new: str, told: str) -> None:
    (tmp_path / "texts.toml").write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_texts(tmp_path / "texts.toml")
    assert told in str(refused.value)


@pytest.mark.parametrize(
    ("body", "meaning"),
    [
        ("STOP", Reply.STOP), ("stop!", Reply.STOP), ("Opt out", Reply.STOP), ("Cancelar", Reply.STOP),
        ("start", Reply.START), ("SÍ", Reply.START), ("Ayuda", Reply.HELP), ("help?", Reply.HELP),
        ("please don't stop", Reply.OTHER), ("", Reply.OTHER), ("can you stop by", Reply.OTHER),
    ],
)  # fmt: skip
def test_replies_mean_what_their_whole_says(body: str, meaning: Reply) -> None:
    assert meaning_of(body) is meaning


@pytest.mark.parametrize(
    ("starts", "ends", "hour", "expected"),
    [
        (20, 8, 12, 12), (20, 8, 20, 8), (20, 8, 3, 8), (20, 8, 8, 8), (8, 20, 12, 20), (8, 8, 12, 12),
    ],
)  # fmt: skip
def test_quiet_hours_end_when_they_say(starts: int, ends: int, hour: int, expected: int) -> None:
    zone = ZoneInfo("America/Denver")
    quiet = QuietHours(zone, time(starts), time(ends))
    allowed = quiet.next_allowed(datetime(2026, 3, 5, hour, tzinfo=zone).astimezone(UTC)).astimezone(zone)
    assert allowed.hour == expected
    assert allowed.minute == 0
