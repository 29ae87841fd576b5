"""What every section of the settings has in common: unknown keys are refused, values are frozen, secrets not shown."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A table of referloop.toml."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)
