"""Templates to answers, with what every page shows: who is here, and where they may go."""

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from gateway.domain.person import Role
from gateway.web.house import House


@dataclass(frozen=True, slots=True)
class Link:
    """One place of the navigation, for those whose role allows `needs`; pages under `holds` are of it as well."""

    name: str
    path: str
    needs: Role
    holds: str = ""

    def marks(self, here: str) -> str:
        """How a page's own place is marked: "page" where it leads to that very page, "true" where that is within."""
        if here == self.path:
            return "page"
        within = [f"{place}/" for place in (self.path, self.holds) if place not in ("", "/")]
        return "true" if here.startswith(tuple(within)) else ""


LINKS = (
    Link("Board", "/", Role.VIEWER, "/referrals"),
    Link("Work list", "/work", Role.VIEWER),
    Link("Queue", "/queue", Role.VIEWER, "/documents"),
    Link("New referral", "/new", Role.STAFF),
    Link("Directory", "/directory", Role.VIEWER),
    Link("Reports", "/reports", Role.MANAGER),
    Link("Audit", "/audit", Role.MANAGER),
    Link("People", "/people", Role.ADMINISTRATOR),
)


def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("gateway.web"),
        autoescape=select_autoescape(),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@dataclass(frozen=True, slots=True)
class Rendering:
    """Renders `page.html` and what extends it."""

    house: House
    environment: Environment = field(default_factory=_environment)

    def page(self, request: Request, template: str, status: int = 200, /, **values: object) -> HTMLResponse:
        """The template with the values, and with the visitor if there is one."""
        always = {
            "visitor": getattr(request.state, "visitor", None),
            "here": request.url.path,
            "clinic": self.house.clinic,
            "links": LINKS,
            "provider": self.house.provider,
            "has_passwords_for_all": self.house.has_passwords_for_all,
        }
        text = self.environment.get_template(template).render(always | values)
        return HTMLResponse(text, status_code=status)
