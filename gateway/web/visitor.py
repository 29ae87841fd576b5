"""Who is asking for a page, and what a page asks of them. The gate sets it; pages only read it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

from fastapi import HTTPException, Request

from gateway.domain.person import Role


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who has logged in. `name` is the actor of what they do."""

    name: str
    role: Role


def visitor_of(request: Request) -> Visitor:
    """Who is asking; the gate lets nobody through to a page without one."""
    return cast("Visitor", request.state.visitor)


def needing(role: Role) -> Callable[[Request], Visitor]:
    """A dependency, `Depends(needing(Role.STAFF))`, that refuses with 403 whose role does not allow it."""

    def allowed(request: Request) -> Visitor:
        visitor = visitor_of(request)
        if not visitor.role.allows(role):
            raise HTTPException(403, f"This needs the role {role} or a higher one; yours is {visitor.role}.")
        return visitor

    return allowed
