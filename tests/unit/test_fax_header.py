"""What a fax machine prints over a page is not what the page says."""

import pytest

from parsers.assemble import assemble
from parsers.fax_header import is_fax_header, without_fax_header
from parsers.page import ReadPage
from parsers.reading import DocumentKind, Page


@pytest.mark.parametrize(
    "line",
    [
        "11/24/2026 09:14 FROM: FRONT DESK 15550100 P.01/02",
        "NOV-20-2026 09:14 AM  HARBOR CARDIOLOGY  FAX NO. 617 555 0100  P. 02",
        "2026-11-20 09:14:33 Page 2/4 From: Valley Clinic",
        "Nov 24 2026 9:14AM  Valley Clinic  Fax 508-555-0142   page 1 of 3",
    ],
)
def test_a_machines_line_is_known(line: str) -> None:
    assert is_fax_header(line)


@pytest.mark.parametrize(
    "line",
    [
        "Appointment: 12/03/2026 at 2:30 PM",
        "She is booked for 12/03/2026 at 2:30 with Dr. Lee",
        "Phone (508) 555-0142   Fax (508) 555-0143",
        "Date: November 20, 2026",
        "Please arrive at 9:45",
    ],
)
def test_what_the_office_wrote_is_no_machines_line(line: str) -> None:
    assert not is_fax_header(line)


def test_every_other_line_keeps_its_number_and_the_middle_of_a_page_is_left_alone() -> None:
    machine = "11/24/2026 09:14 FROM: FRONT DESK 15550100 P.01/02"
    lines = [machine, "Dear Dr. Lee,", "one", "two", machine, "three", "four"]
    assert without_fax_header("\n".join(lines)).split("\n") == ["", *lines[1:]]


def test_the_hour_a_fax_was_sent_makes_no_appointment_of_a_receipt() -> None:
    text = (
        "11/24/2026 09:14 FROM: FRONT DESK 15550100 P.01/02\n\nLakeside Orthopedics\n\nPatient: Marta Miller\n"
        "This confirms receipt of your referral. The patient has been placed on our waiting\nlist."
    )
    [document] = assemble([ReadPage(Page(0, text))], None)
    assert document.kind is DocumentKind.CONFIRMATION
    assert document.appointment is None
