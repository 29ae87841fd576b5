"""One referral's page after a deed: shown anew, gone on from, or with why the deed was not done."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from fastapi import Request, Response
from fastapi.responses import RedirectResponse

from gateway.domain.person import Role
from gateway.errors import IllegalTransition, NotFound, NotSaid, StaleRow
from gateway.services.record_contact import Barrier
from gateway.web.board_filters import onward_path
from gateway.web.one_referral import OneReferral
from gateway.web.rendering import Rendering
from gateway.web.visitor import visitor_of


@dataclass(frozen=True, slots=True)
class ShownReferral:
    """The page of one referral, and doing what its buttons, or those of the work list, say."""

    referral: OneReferral
    rendering: Rendering
    something_is_due: Callable[[], None]

    async def shown(self, request: Request, number: str, fault: str = "", fault_of: str = "") -> Response:
        """The page; with why something was not done, and what was typed still in its place."""
        found = await self.referral.page(number)
        if found is None:
            return self.rendering.page(request, "missing.html", 404)
        form = await request.form() if fault else {}
        typed = defaultdict(str, {name: value for name, value in form.items() if isinstance(value, str)})
        staff = visitor_of(request).role.allows(Role.STAFF)
        values: dict[str, object] = {
            "page": found,
            "may_act": staff,
            "fault": fault,
            "fault_of": fault_of,
            "typed": typed,
            "barriers": list(Barrier),
        }
        return self.rendering.page(request, "referral.html", 409 if fault else 200, **values)

    async def done(self, request: Request, number: str, decide: Callable[[], object], onward: str = "") -> Response:
        """Do it, wake what may follow, and show the page anew, or what they go `onward` to; or why it was not done."""
        try:
            await asyncio.to_thread(decide)
        except (IllegalTransition, NotFound, NotSaid, StaleRow) as fault:
            return await self.shown(request, number, str(fault))
        self.something_is_due()
        return RedirectResponse(onward_path(onward or f"/referrals/{number}"), status_code=303)
