"""What every section of the settings has in common: unknown keys are refused, values are frozen, secrets not shown."""

from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict

OptionalFile = Annotated[Path | None, BeforeValidator(lambda value: value or None)]
"""A file that may be left out; an empty string leaves it out."""


class Section(BaseModel):
    """A table of referloop.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
