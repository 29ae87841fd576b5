"""A page without patient data: it asks whoever answers a new fax number to say who they are."""

from config.reference import format_number
from outbound.content import PacketContent
from outbound.cover import shown
from outbound.fonts import BOLD
from outbound.sheet import Sheet, wrapped


def draw_number_test(sheet: Sheet, content: PacketContent) -> None:
    """The page's own part, below head and codes."""
    sheet.text(14, 60, "Test page: is this your fax number?", 18, BOLD)
    text = (
        f"We have {shown(content.addressee.destination)} on file as the fax number of {content.addressee.name}. "
        f"Before we send anything about a patient, please confirm: write your office's name here and fax this page "
        f"back to {shown(content.sender.fax)}, or call {content.sender.name} at {shown(content.sender.phone)}. "
        "If this is not your number, please tell us; nothing more will be sent to it."
    )
    for line, words in enumerate(wrapped(text, 186, BOLD, 12)):
        sheet.text(14, 72 + 6.5 * line, words, 12, BOLD)
    sheet.text(14, 130, "Office:", 13, BOLD)
    sheet.rule(36, 131, 150, 0.6)
    sheet.text(14, 145, "Name:", 13, BOLD)
    sheet.rule(36, 146, 150, 0.6)
    sheet.text(14, 165, f"Reference {format_number(content.number)}", 12, BOLD)
