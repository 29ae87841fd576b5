"""What pages show around their lists, for programs: how the queue stands, who can be given something, what to pick."""

from datetime import timedelta
from pathlib import Path

from config.vocabulary import Channel
from gateway.domain.arrival import Envelope
from gateway.domain.person import Role
from gateway.domain.token import Scope
from gateway.services.access.accounts import By
from tests.rigs.api_site import a_referral, api_site
from tests.rigs.review_site import a_note


async def test_how_the_queue_stands_and_what_is_stuck_is_told_and_tried_again(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        mine, _ = (site.site.queue(a_note(name))[0] for name in ("Okafor", "Brandt"))
        handed = await program.post(f"/documents/{mine}/assign", json={"person": "EHR bridge (token)"})
        assert handed.status_code == 200, handed.text
        desk = site.site.clinic.desk
        with desk.store.transaction() as tx:
            late = desk.clock.now() - timedelta(minutes=40)
            envelope = Envelope("spool:1", Channel.FAX, sender="+15085550111")
            stuck, _ = tx.add_arrival(envelope, desk.vault.put(b"never read"), 10, late)
        told = (await program.get("/documents/standing")).json()
        assert (told["waiting"], told["mine"], told["unassigned"], told["being_read"]) == (2, 1, 1, 1)
        assert [(one["arrival"], one["sender"]) for one in told["stuck"]] == [(stuck.id, "+15085550111")]
        assert (await program.post(f"/arrivals/{stuck.id}/retry")).status_code == 200
        blind = site.program(site.token("blind", Role.STAFF, frozenset({Scope.REFERRALS_READ})))
        assert (await blind.get("/documents/standing")).status_code == 403


async def test_whom_things_can_be_given_to_and_what_the_form_offers_is_told(tmp_path: Path) -> None:
    with api_site(tmp_path) as site:
        program = site.program(site.token())
        accounts = site.site.clinic.desk.access.accounts
        accounts.add("Lena", Role.STAFF, "four quiet herons", By("test"))
        accounts.add("Guest", Role.VIEWER, "four quiet herons", By("test"))
        colleagues = (await program.get("/colleagues")).json()["with_account"]
        assert ("Lena" in colleagues, "Guest" in colleagues) == (True, False)
        await program.post("/referrals", json=a_referral())
        offered = (await program.get("/drafts/choices")).json()
        assert offered["urgencies"][-1] == "routine"
        assert "cardiology" in offered["specialties"]
        assert "specialist_consult" in offered["services"]
        assert [one["name"] for one in offered["clinicians"]] == ["Helen Marsh MD"]
