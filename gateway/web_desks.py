"""What the web pages are given to work with: the desk's services, put together for each group of pages."""

from collections.abc import Callable

from gateway.desk import Desk
from gateway.services.fill_in import FillIn
from gateway.services.page_pictures import PagePictures
from gateway.services.preview_packet import PreviewPacket
from gateway.services.rearrange import Rearrange
from gateway.web.desk import WebDesk
from gateway.web.entry_desk import EntryDesk
from gateway.web.review_desk import ReviewDesk
from gateway.web.single_sign_on import SignOn
from gateway.workers import WorkerPool

_GRACE_S = 25.0  # of the 30 s systemd gives
_HANDS = 4  # packets on their way at once, on each channel


def sign_on(desk: Desk) -> SignOn | None:
    """The identity provider and what is done with its word; None if the settings name none."""
    service = desk.access.single_sign_on
    if service is None:
        return None
    from gateway.identity_provider import OidcProvider  # only a clinic that has one pays for its libraries

    return SignOn(OidcProvider(desk.settings.oidc, desk.clock), service)


def review_desk(
    desk: Desk, reader: WorkerPool, painter: WorkerPool, ring_reader: Callable[[], None], moved: Callable[[], None]
) -> ReviewDesk:
    """What the pages of the review queue work with. `moved` hears of each document that was settled."""
    return ReviewDesk(
        store=desk.store,
        vault=desk.vault,
        clock=desk.clock,
        zone=desk.rules.zone,
        discarded_for=desk.rules.discarded_for,
        settle=desk.settle,
        marks=desk.marks,
        undo=desk.undo,
        pictures=PagePictures(desk.store, desk.vault, desk.shelf, painter),
        rearrange=Rearrange(desk.store, desk.vault, desk.clock, reader, desk.matcher.requeue, ring_reader),
        settled=moved,
    )


def entry_desk(desk: Desk, painter: WorkerPool, pages: WebDesk) -> EntryDesk:
    """What the pages of a new referral and of the directory work with."""
    parts = (desk.store, desk.vault, desk.clock, desk.rules)
    return EntryDesk(
        store=desk.store,
        clock=desk.clock,
        zone=desk.rules.zone,
        rules=desk.rules,
        fill_in=FillIn(*parts, painter, desk.shelf.forget),
        directory=desk.directory,
        previews=PreviewPacket(desk.vault, desk.clock, desk.rules, desk.shelf, painter),
        said=pages.said,
    )
