"""The HTTP API does what the pages do, by the same rules; two programs never settle one document."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest

from gateway.domain.arrival import PartState
from gateway.services.intake_form import ClinicianForm, IntakeForm, PatientForm
from gateway.services.recipient_form import RecipientForm
from gateway.web.api.referral_models import ClinicianIn, PatientIn, RecipientIn, ReferralIn
from tests.rigs.api_site import a_referral, api_site
from tests.rigs.review_site import a_booking, a_note


def test_the_api_takes_every_field_that_the_forms_check() -> None:
    for taken, checked in (
        (ReferralIn, IntakeForm),
        (PatientIn, PatientForm),
        (ClinicianIn, ClinicianForm),
        (RecipientIn, RecipientForm),
    ):
        assert set(taken.model_fields) == set(checked.model_fields)


async def test_a_referral_is_opened_with_an_attachment_once_and_found_and_read_whole(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        sent = await program.post("/attachments", files={"file": ("../../ecg report.pdf", b"%PDF-1.4 one")})
        assert (sent.status_code, sent.json()["name"]) == (201, "ecg report.pdf")
        wanted = a_referral(attachments=[sent.json()["id"]])
        opened = await program.post("/referrals", json=wanted)
        assert opened.status_code == 201, opened.text
        again = await program.post("/referrals", json=wanted)
        assert (again.status_code, again.json()["is_new"]) == (200, False)
        number = opened.json()["number"]
        whole = await program.get(f"/referrals/{number}")
        assert whole.json()["attachments"] == ["ecg report.pdf"]
        assert whole.json()["timeline"][0]["actor"] == "EHR bridge (token)"
        assert whole.json()["created_at"].endswith("Z")
        found = await program.post("/referrals/search", json={"typed": "okafor 1961-04-23"})
        assert [one["number"] for one in found.json()] == [number]
        other = site.program(site.token("another"))
        missing = await other.post("/referrals", json=a_referral("ehr-2", attachments=[sent.json()["id"]]))
        assert missing.status_code == 404


@pytest.mark.parametrize(
    ("changed", "status", "told"),
    [
        ({"urgency": "someday"}, 422, "urgency: 'someday' is not in the policy"),
        ({"recipient": "Nobody's Office"}, 422, "nobody in the directory is called"),
        ({"clinician": {"name": "H", "npi": "1234567890"}}, 422, "clinician.npi"),
        ({"unknown": 1}, 400, "faults"),
        ({"patient": {"family": "O", "given": "M", "birth_date": 0}}, 400, "must be written like 1961-04-23"),
        ({"question": ""}, 400, "body.question"),
    ],
)
async def test_a_referral_that_will_not_do_is_refused_as_a_problem_that_says_what_to_mend(
    tmp_path: Path, changed: dict[str, object], status: int, told: str
) -> None:
    with api_site(tmp_path) as site:
        refused = await site.program(site.token()).post("/referrals", json=a_referral() | changed)
        assert refused.status_code == status
        assert refused.headers["content-type"] == "application/problem+json"
        assert told in refused.text
        assert (refused.json()["status"], refused.json()["type"]) == (status, "about:blank")


async def test_a_line_break_in_a_path_is_the_apis_to_refuse(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        answer = await site.program(site.token()).get("/referrals/AB%0ACD")
        assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


async def test_a_list_is_read_to_its_end_by_cursor_and_narrowed(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        numbers = [(await program.post("/referrals", json=a_referral(f"ehr-{n}"))).json()["number"] for n in range(5)]
        seen: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = (await program.get("/referrals", params={"limit": "2"} | cursor)).json()
            seen += [one["number"] for one in page["items"]]
            if page["next"] is None:
                break
            cursor = {"cursor": page["next"]}
        assert seen == numbers[::-1]
        strange = await program.get("/tasks", params=cursor)
        assert strange.status_code == 422
        await program.post(f"/referrals/{numbers[0]}/cancel", json={"reason": "went elsewhere"})
        closed = (await program.get("/referrals", params={"is_open": "false"})).json()["items"]
        assert [one["number"] for one in closed] == [numbers[0]]


async def test_what_was_changed_since_it_was_seen_is_left_alone(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        number = (await program.post("/referrals", json=a_referral(is_draft=True))).json()["number"]
        etag = (await program.get(f"/referrals/{number}")).headers["etag"]
        released = await program.post(f"/referrals/{number}/send", json={}, headers={"if-match": etag})
        assert (released.status_code, released.json()["status"]) == (200, "ready")
        late = await program.post(f"/referrals/{number}/cancel", json={"reason": "no"}, headers={"if-match": etag})
        assert late.status_code == 412
        assert (await program.get(f"/referrals/{number}")).headers["etag"] == released.headers["etag"] != etag


async def test_of_many_programs_that_settle_one_document_at_once_one_does(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        (item,) = site.site.queue(a_note("Okafor"))
        unseen = await program.post(f"/documents/{item}/discard", json={"reason": "junk"})
        assert unseen.status_code == 400
        etag = (await program.get(f"/documents/{item}")).headers["etag"]
        said = {"if-match": etag}
        answers = await asyncio.gather(
            *[program.post(f"/documents/{item}/discard", json={"reason": f"junk {n}"}, headers=said) for n in range(6)]
        )
        assert sorted(one.status_code for one in answers)[0] == 200
        assert all(one.status_code in (409, 412) for one in answers if one.status_code != 200)
        assert len([one for one in answers if one.status_code == 200]) == 1
        assert site.site.part(item).state is PartState.DISCARDED
        settled = (await program.get("/documents/settled")).json()["items"]
        assert [(one["item"], one["settled_by"]) for one in settled] == [(item, "EHR bridge (token)")]


async def test_a_document_is_corrected_filed_and_taken_back(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        number = site.site.clinic.refer("Okafor", "Maria", "1961-04-23")
        program = site.program(site.token())
        (item,) = site.site.queue(a_booking("Okafor", None))
        zone = site.site.clinic.desk.rules.zone
        at = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=0, second=0)
        etag = (await program.get(f"/documents/{item}")).headers["etag"]
        filed = await program.post(
            f"/documents/{item}/file",
            json={"referrals": [number], "appointment_at": at.isoformat()},
            headers={"if-match": etag},
        )
        assert filed.status_code == 200, filed.text
        whole = (await program.get(f"/referrals/{number}")).json()
        assert whole["status"] == "scheduled"
        assert datetime.fromisoformat(whole["appointment_at"]).astimezone(zone) == at.astimezone(zone)
        undone = await program.post(f"/documents/{item}/take-back", headers={"if-match": filed.headers["etag"]})
        assert undone.json()["state"] == "review"
        assert (await program.get(f"/referrals/{number}")).json()["status"] == "delivered"


async def test_what_somebody_has_open_is_not_settled_by_a_program(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        (item,) = site.site.queue(a_note("Okafor"))
        assert await site.site.text(f"/queue/{item}")
        program = site.program(site.token())
        etag = (await program.get(f"/documents/{item}")).headers["etag"]
        refused = await program.post(f"/documents/{item}/keep", json={}, headers={"if-match": etag})
        assert refused.status_code == 409
        assert "Lena has item" in refused.json()["detail"]


async def test_words_of_documents_are_found_and_bytes_come_as_they_came(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        (item,) = site.site.queue(a_note("Okafor"), data=b"the very bytes")
        site.site.queue(a_note("Brandt"))
        found = await program.post("/documents/search", json={"words": "okaf echo"})
        assert [one["item"] for one in found.json()["items"]] == [item]
        original = await program.get(f"/documents/{item}/original")
        assert original.content == b"the very bytes"
        brought = await program.post(
            "/documents", files={"file": ("note.pdf", b"%PDF-1.4")}, data={"sender": "x@y.org"}
        )
        assert (brought.status_code, brought.json()["is_new"]) == (202, True)
        again = await program.post("/documents", files={"file": ("note.pdf", b"%PDF-1.4")}, data={"sender": "x@y.org"})
        assert (again.json()["id"], again.json()["is_new"]) == (brought.json()["id"], False)


async def test_every_answer_says_what_the_pages_headers_say_and_nothing_is_kept_by_anybody(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        answer = await site.program(site.token()).get("/referrals")
        assert answer.headers["cache-control"] == "no-store"
        stranger: httpx.Response = await site.program(site.token("other")).get(
            "http://rebound.example/api/v1/referrals"
        )
        assert stranger.status_code == 421
