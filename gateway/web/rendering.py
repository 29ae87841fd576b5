"""Templates to answers."""

from dataclasses import dataclass, field

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape


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

    environment: Environment = field(default_factory=_environment)

    def page(self, request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
        """The template with the values."""
        always = {"here": request.url.path}
        text = self.environment.get_template(template).render(always | values)
        return HTMLResponse(text, status_code=status)
