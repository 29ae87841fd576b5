"""A new referral's pages together."""

from collections.abc import Callable

from fastapi import APIRouter

from gateway.web.entry_desk import EntryDesk
from gateway.web.entry_files import entry_file_routes
from gateway.web.entry_pages import sheet_routes
from gateway.web.rendering import Rendering


def entry_routes(desk: EntryDesk, rendering: Rendering, something_is_due: Callable[[], None]) -> APIRouter:
    """Everything under `/new`."""
    page, routes = sheet_routes(desk, rendering, something_is_due)
    routes.include_router(entry_file_routes(page))
    return routes
