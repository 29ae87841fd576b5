"""A new referral filled in on its page: kept as typed, checked as every intake, previewed and sent."""

import io
import re
import zipfile
from collections.abc import AsyncGenerator, Mapping
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from gateway.domain.directory import Recipient
from gateway.domain.person import Role
from gateway.domain.referral import Referral, Status
from gateway.domain.transmission import Purpose
from gateway.services.intend import intend_ready
from gateway.workers import WorkerPool
from tests.rigs.entry_site import LINES, an_office
from tests.rigs.site import IDLE, Site, a_site

SCRIPT = {"hx-request": "true"}


class Form:
    """A site with an office, a logged-in coordinator, and the form they fill in."""

    def __init__(self, site: Site, browser: httpx.AsyncClient, office: Recipient) -> None:
        self.site, self.browser, self.office = site, browser, office
        self.whole = {
            "whole": "1",
            "patient.family": "Okafor",
            "patient.given": "Maria",
            "patient.birth_date": "1961-04-23",
            "patient.mrn": "0048213",
            "clinician.name": "Helen Marsh MD",
            "recipient": str(office.id),
            "specialty": "cardiology",
            "service": "specialist_consult",
            "question": "Exertional chest pain, please evaluate",
            "urgency": "routine",
        }

    async def post(self, path: str, said: Mapping[str, str], status: int = 303) -> httpx.Response:
        answer = await self.browser.post(path, data=dict(said))
        assert answer.status_code == status, answer.text
        return answer

    async def saved(self, **changed: str) -> int:
        """A draft with the whole form, or with what is changed."""
        answer = await self.post("/new/0/save", self.whole | changed)
        return int(answer.headers["location"].rpartition("/")[2])

    def version(self, item: int) -> str:
        with self.site.desk.store.transaction() as tx:
            return str(tx.sheet(item).version)

    async def attach(self, item: int, name: str, data: bytes, status: int = 200) -> str:
        answer = await self.browser.post(f"/new/{item}/files", files={"upload": (name, data)}, headers=SCRIPT)
        assert answer.status_code == status, answer.text
        return answer.text

    def referrals(self) -> list[Referral]:
        with self.site.desk.store.transaction() as tx:
            return tx.referrals()


@pytest.fixture
async def form(tmp_path: Path) -> AsyncGenerator[Form, None]:
    with a_site(tmp_path, settings=LINES) as site:
        yield Form(site, await site.as_role(Role.STAFF), an_office(site))


def a_pdf(*pages: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    for page in pages or ("ECG",):
        canvas.drawString(72, 700, page)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def a_picture(kind: str, pages: int = 1) -> bytes:
    out = io.BytesIO()
    page = Image.new("L", (850, 1100), 240)
    more = {"save_all": True, "append_images": [page] * (pages - 1)} if pages > 1 else {}
    page.save(out, format=kind, **more)  # pyright: ignore[reportArgumentType]
    return out.getvalue()


async def test_what_was_typed_is_kept_however_little_it_is(form: Form) -> None:
    answer = await form.browser.post("/new/0/save", data={"patient.family": "Oka", "version": "1"}, headers=SCRIPT)
    item = int(answer.headers["x-sheet"])
    assert "given name, birth date" in answer.text
    page = (await form.browser.get(f"/new/{item}")).text
    assert 'value="Oka"' in page
    lists = (await form.browser.get("/new")).text
    assert f'<a href="/new/{item}">Draft {item}</a>' in lists
    assert "by one staff" in lists
    assert form.referrals() == []


async def test_a_whole_form_is_sent_and_the_daemon_has_a_packet_to_send(form: Form) -> None:
    answer = await form.post(
        "/new/0/send", form.whole | {"icd10": "i25.10, E11.9", "patient.needs_interpreter": "true"}
    )
    (referral,) = form.referrals()
    assert answer.headers["location"] == f"/referrals/{referral.number[:4]}-{referral.number[4:]}"
    assert referral.status is Status.READY
    assert (referral.intake.icd10, referral.intake.origin) == (("I25.10", "E11.9"), "web")
    assert referral.intake.patient.needs_interpreter
    assert form.site.rung == [True]
    desk = form.site.desk
    assert intend_ready(desk.store, desk.clock, desk.rules) == 1
    with desk.store.transaction() as tx:
        opened = tx.events(referral_id=referral.id)[0].event
    assert opened.actor == "one staff"


async def test_send_pressed_twice_opens_one_referral(form: Form) -> None:
    item = await form.saved()
    said = {"version": form.version(item)}
    first = await form.post(f"/new/{item}/send", said)
    again = await form.post(f"/new/{item}/send", form.whole | said)
    assert first.headers["location"] == again.headers["location"]
    assert len(form.referrals()) == 1
    assert (await form.browser.get(f"/new/{item}")).headers["location"] == first.headers["location"]
    assert "Draft" not in (await form.browser.get("/new")).text


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"patient.birth_date": "1961-13-01"}, "write the date as YYYY-MM-DD"),
        ({"patient.phone": "12"}, "is no phone number|cannot be dialled|can be dialled"),
        ({"clinician.npi": "1234567890"}, "is no NPI"),
        ({"icd10": "I25.10 chest"}, "has not the shape of an ICD-10-CM code"),
        ({"recipient": "99"}, "this office is not in the directory"),
        ({"urgency": "soonish"}, "is not in the policy"),
        ({"question": ""}, "is missing: add it"),
    ],
)
async def test_what_the_checks_refuse_stands_beside_its_field_with_all_that_was_typed(
    form: Form, changed: dict[str, str], told: str
) -> None:
    answer = await form.post("/new/0/send", form.whole | changed, status=422)
    (name, typed), *_ = changed.items()
    assert re.search(rf'data-fault="{re.escape(name)}">[^<]*(?:{told})', answer.text), answer.text
    assert 'value="Okafor"' in answer.text
    assert not typed or typed in answer.text
    assert form.referrals() == []


async def test_two_who_write_are_told_of_each_other_and_neither_loses_what_they_typed(form: Form) -> None:
    item = await form.saved()
    omar = form.site.a_browser()
    form.site.person("Omar Farouk", Role.STAFF)
    await form.site.log_in(omar, "Omar Farouk")
    seen = form.version(item)
    await omar.post(f"/new/{item}/save", data=form.whole | {"version": seen, "question": "Omar's question"})
    late = await form.browser.post(f"/new/{item}/save", data=form.whole | {"version": seen, "question": "mine"})
    assert late.status_code == 409
    assert "Omar Farouk wrote on this draft meanwhile" in late.text
    assert ">mine</textarea>" in late.text
    by_script = await form.browser.post(
        f"/new/{item}/save", data=form.whole | {"version": seen, "question": "mine"}, headers=SCRIPT
    )
    assert (by_script.status_code, by_script.headers["x-sheet-version"]) == (409, form.version(item))
    assert "Omar&#39;s question" in (await form.browser.get(f"/new/{item}")).text


async def test_what_is_sent_after_the_stay_is_over_is_offered_again_and_loses_nothing(form: Form) -> None:
    item = await form.saved()
    form.site.clock.advance(IDLE + timedelta(minutes=1))
    said = form.whole | {"version": form.version(item), "question": "typed after the coffee"}
    piece = await form.browser.post(f"/new/{item}/save", data=said, headers=SCRIPT)
    assert (piece.status_code, piece.headers["hx-redirect"]) == (401, "/login")
    back = await form.site.log_in(form.browser, "one staff")
    assert back.headers["location"] == "/draft"
    kept = (await form.browser.get("/draft")).text
    assert "typed after the coffee" in kept
    draft = re.search(r'action="(/draft/\d+/send)"', kept)
    assert draft
    again = await form.browser.post(draft[1], data=said)
    assert (again.status_code, again.headers["location"]) == (307, f"/new/{item}/save")
    await form.post(again.headers["location"], said)
    assert "typed after the coffee" in (await form.browser.get(f"/new/{item}")).text


async def test_a_draft_thrown_away_leaves_the_list_and_is_taken_back_whole(form: Form) -> None:
    item = await form.saved()
    await form.post(f"/new/{item}/discard", {})
    assert "This draft was thrown away" in (await form.browser.get(f"/new/{item}")).text
    assert f"Draft {item}" not in (await form.browser.get("/new")).text
    refused = await form.post(f"/new/{item}/save", form.whole | {"version": form.version(item)}, status=409)
    assert "take it back first" in refused.text
    await form.post(f"/new/{item}/restore", {})
    assert 'value="Okafor"' in (await form.browser.get(f"/new/{item}")).text


@pytest.mark.parametrize("typed", ["bayview", "CARDIO", "5550111"])
async def test_offices_are_found_as_one_types_and_without_a_script(form: Form, typed: str) -> None:
    an_office(form.site, "Harbor Eye", "+15085550199", specialty="ophthalmology")
    piece = await form.browser.post("/new/offices", data={"office_sought": typed}, headers=SCRIPT)
    plain = await form.post("/new/0/find", form.whole | {"office_sought": typed, "recipient": ""}, status=200)
    for page in (piece.text, plain.text):
        assert f'<input type="radio" name="recipient" value="{form.office.id}"' in page
        assert "Harbor Eye" not in page
    assert 'value="Okafor"' in plain.text


async def test_the_same_patient_and_specialty_already_open_is_shown_with_its_link(form: Form) -> None:
    await form.post("/new/0/send", form.whole)
    (there,) = form.referrals()
    number = f"{there.number[:4]}-{there.number[4:]}"
    item = await form.saved(specialty="Cardiologist")
    page = (await form.browser.get(f"/new/{item}")).text
    assert "The same patient is referred to cardiology already" in page
    assert f'href="/referrals/{number}"' in page
    other = await form.saved(specialty="dermatology")
    assert "referred to cardiology already" not in (await form.browser.get(f"/new/{other}")).text
    twin = await form.saved(specialty="cardiology")
    assert f'href="/new/{item}"' in (await form.browser.get(f"/new/{twin}")).text


async def test_what_stands_between_a_packet_and_its_office_is_told_before_it_is_sent(form: Form) -> None:
    failing = an_office(form.site, "Failing", "+15085550112", fax_set_aside_at=form.site.clock.now())
    told = (await form.browser.get(f"/new/{await form.saved()}")).text
    assert "Nobody has confirmed that this fax number is theirs" in told
    told = (await form.browser.get(f"/new/{await form.saved(recipient=str(failing.id))}")).text
    assert "keeps failing and is set aside" in told


async def test_a_closed_office_says_when_it_opens(tmp_path: Path) -> None:
    with a_site(tmp_path, settings=LINES | {"clinic": LINES["clinic"] | {"always_open": False}}) as site:
        form = Form(site, await site.as_role(Role.STAFF), an_office(site, opens="02:00", closes="02:01"))
        if site.clock.now().astimezone(site.desk.rules.zone).hour == 2:
            site.clock.advance(timedelta(hours=2))
        told = (await form.browser.get(f"/new/{await form.saved()}")).text
        assert re.search(r"The office is closed until \w+day, \w+ \d+, 02:00", told)


async def test_viewers_are_refused_and_see_no_way_there(form: Form) -> None:
    viewer = await form.site.as_role(Role.VIEWER)
    assert (await viewer.get("/new")).status_code == 403
    assert 'href="/new"' not in (await viewer.get("/")).text


# Attachments and previews, in the real limited process.


@pytest.fixture
async def drawing(tmp_path: Path) -> AsyncGenerator[Form, None]:
    with a_site(tmp_path, settings=LINES) as site:
        async with WorkerPool.from_settings(site.desk.settings, site.desk.code_keys, processes=1) as pool:
            site.painter = pool
            site.app = site.built(site.house)
            site.browser = site.a_browser()
            yield Form(site, await site.as_role(Role.STAFF), an_office(site, email="desk@bayview.example"))


async def test_files_are_told_by_their_bytes_counted_named_and_refused_in_words(drawing: Form) -> None:
    item = await drawing.saved()
    assert "2 pages" in await drawing.attach(item, "ecg today.pdf", a_pdf("a", "b"))
    text = await drawing.attach(item, "C:\\scans\\fax.doc", a_picture("TIFF", 3))
    assert "<strong>fax.doc</strong>" in text
    assert "3 pages" in text
    await drawing.attach(item, "photo.jpg", a_picture("JPEG"))
    text = await drawing.attach(item, "x.png", a_picture("PNG"))
    assert '<option value="ECG" selected>' in text, "its name says which item of the checklist it is"
    side = (await drawing.browser.get(f"/new/{item}")).text
    assert 'ECG<span class="unseen">: enclosed' in side
    assert 'Recent labs<span class="unseen">: missing' in side
    for name, data, why in (
        ("virus.pdf", b"MZ not a pdf", "is no PDF, TIFF, JPEG, PNG or DOCX"),
        ("cut.pdf", a_pdf()[:200], "is a damaged PDF"),
        ("empty.pdf", b"", "is empty"),
        ("again.pdf", a_pdf("a", "b"), "is attached already"),
        ("torn.png", a_picture("PNG")[:300], "is damaged"),
    ):
        assert why in await drawing.attach(item, name, data, status=422), name
    with drawing.site.desk.store.transaction() as tx:
        sheet = tx.sheet(item)
    assert [file.media_type for file in sheet.files] == ["application/pdf", "image/tiff", "image/jpeg", "image/png"]
    assert all(file.sha256 in drawing.site.desk.vault for file in sheet.files)


async def test_more_than_may_be_sent_is_refused_before_it_is_read(drawing: Form) -> None:
    item = await drawing.saved()
    answer = await drawing.browser.post(
        f"/new/{item}/files", content=b"", headers=SCRIPT | {"content-length": str(600 << 20)}
    )
    assert answer.status_code == 422
    assert "more than can be taken at once" in answer.text


async def test_attachments_are_moved_named_and_taken_off_by_plain_buttons(drawing: Form) -> None:
    item = await drawing.saved()
    for name in ("a", "b", "c"):
        await drawing.attach(item, f"{name}.pdf", a_pdf(name))
    with drawing.site.desk.store.transaction() as tx:
        a, b, c = (file.id for file in tx.sheet(item).files)
    said: dict[str, str | list[str]] = {**drawing.whole, "files_shown": "1", "file": [str(a), str(b), str(c)]}
    for deed, file in (("down", a), ("remove", c)):
        said |= {"version": drawing.version(item), f"label.{b}": "Recent labs"}
        answer = await drawing.browser.post(f"/new/{item}/files/{file}/{deed}", data=said)
        assert answer.status_code == 303
        with drawing.site.desk.store.transaction() as tx:
            said["file"] = [str(file.id) for file in tx.sheet(item).files]
    with drawing.site.desk.store.transaction() as tx:
        files = tx.sheet(item).files
    assert [(file.id, file.label) for file in files] == [(b, "Recent labs"), (a, "")]


async def test_a_labelled_attachment_counts_on_the_cover_and_in_the_packet_that_is_sent(drawing: Form) -> None:
    item = await drawing.saved()
    await drawing.attach(item, "scan0012.pdf", a_pdf("labs"))
    with drawing.site.desk.store.transaction() as tx:
        (file,) = tx.sheet(item).files
    said = drawing.whole | {"version": drawing.version(item), "files_shown": "1", "file": str(file.id)}
    await drawing.post(f"/new/{item}/send", said | {f"label.{file.id}": "Recent labs"})
    (referral,) = drawing.referrals()
    (attachment,) = referral.intake.attachments
    assert (attachment.name, attachment.label, attachment.title) == ("scan0012.pdf", "Recent labs", "Recent labs")
    assert drawing.site.desk.vault.path(attachment.sha256).read_bytes() == a_pdf("labs")


async def test_the_preview_shows_the_very_dots_that_will_be_faxed(drawing: Form) -> None:
    item = await drawing.saved()
    await drawing.attach(item, "ecg.pdf", a_pdf("one", "two"))
    page = await drawing.browser.get(f"/new/{item}/preview")
    assert page.status_code == 200, page.text
    assert "4 pages by fax to" in page.text
    assert re.search(r"(about \d+ min|less than a minute) on the line", page.text)
    names = re.findall(r'src="(/new/\d+/pages/[\w-]+\.png)"', page.text)
    assert len(names) == 4
    picture = await drawing.browser.get(names[0])
    with Image.open(io.BytesIO(picture.content)) as image:
        assert (image.mode, image.width) == ("1", 1728)
    assert (await drawing.browser.get(f"/new/{item}/pages/9-abc.png")).status_code == 404


async def test_a_chosen_way_is_shown_in_the_preview_and_taken(drawing: Form) -> None:
    item = await drawing.saved(channel="email")
    page = (await drawing.browser.get(f"/new/{item}/preview")).text
    assert "by email to" in page
    await drawing.post(f"/new/{item}/send", {"version": drawing.version(item)})
    (referral,) = drawing.referrals()
    with drawing.site.desk.store.transaction() as tx:
        rows = tx.transmissions_of(referral.id)
    sent = [(row.channel.value, row.purpose, row.requested_by) for row in rows]
    assert sent == [("email", Purpose.REQUEST, "one staff")]


async def test_a_draft_that_changed_after_the_preview_is_not_sent_unseen(drawing: Form) -> None:
    item = await drawing.saved()
    seen = drawing.version(item)
    await drawing.post(f"/new/{item}/save", drawing.whole | {"version": seen, "question": "another"})
    refused = await drawing.post(f"/new/{item}/send", {"version": seen}, status=409)
    assert "changed this draft after you looked at the preview" in refused.text
    assert drawing.referrals() == []


async def test_a_preview_of_what_is_not_whole_says_what_to_mend(drawing: Form) -> None:
    item = await drawing.saved(question="")
    page = await drawing.browser.get(f"/new/{item}/preview")
    assert page.status_code == 422
    assert "1 field needs another look" in page.text


def a_docx() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("word/nothing.xml", "")
    return out.getvalue()


async def test_a_letter_that_cannot_be_converted_is_refused_and_says_so(drawing: Form) -> None:
    item = await drawing.saved()
    assert "letter.docx" in await drawing.attach(item, "letter.docx", a_docx(), status=422)
