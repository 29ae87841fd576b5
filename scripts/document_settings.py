"""Write docs/settings.md from the settings themselves: `python -m scripts.document_settings`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from config.template import as_toml, keys, sections

PAGE = Path(__file__).parents[1] / "docs" / "settings.md"
_HEAD = """# Settings

Written by `python -m scripts.document_settings` from `config/settings.py`; a test fails when it is out of date.

`referloop init DIR` writes a `referloop.toml` with every key, its default and its meaning, the follow-up policy
(`policy.toml`) and the key that signs the printed codes (`secrets/code_key`).

**Where settings come from.** The file named by `--config`, else by `REFERLOOP_CONFIG`, else `./referloop.toml`, else
`/etc/referloop/referloop.toml`. A variable `REFERLOOP_SECTION__KEY` goes before the file, so `REFERLOOP_WEB__PORT=0`
is `web.port = 0`; lists are written as JSON. Relative paths lie in the file's folder.

**Secrets.** `code_key`, `smtp_password`, `imap_password`, `oauth_secret`, `hylafax_password`, `hylafax_admin`,
`sinch_secret`, `telnyx_key`, `signalwire_token`, `signalwire_signing_key`, `twilio_token`, `callback_password` and
`oidc_secret` are taken from systemd credentials (`LoadCredential=`), which go before the file; those of a further
mailbox carry its name, as `imap_password_NAME`; else from `secrets/` beside the file. A secret that everybody on the
machine may read is refused.

**Mistakes.** An unknown key, a bad value or an unreadable secret stops the daemon with one line that names the key,
the file with its line (or the variable) and the fix.
"""


def settings_page() -> str:
    """The page as it should be."""
    return _HEAD + "".join(_section(name, model) for name, model in _all_sections())


def _all_sections() -> Iterator[tuple[str, type[BaseModel]]]:
    """Every section, and after each what it holds any number of, as `[name]`."""
    for name, model in sections():
        yield name, model
        for key, field in keys(model).items():
            if get_origin(field.annotation) is list and _is_table(get_args(field.annotation)[0]):
                yield f"[{name}.{key}]", get_args(field.annotation)[0]


def _is_table(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _section(name: str, model: type[BaseModel]) -> str:
    about = (model.__doc__ or "").strip().splitlines()[0]
    rows = "".join(_row(key, field) for key, field in keys(model).items())
    return f"\n## `[{name}]`\n\n{about}\n\n| key | default | takes | meaning |\n| --- | --- | --- | --- |\n{rows}"


def _row(key: str, field: FieldInfo) -> str:
    default = as_toml(field.get_default(call_default_factory=True)) if not field.is_required() else "(needed)"
    return f"| `{key}` | `{default}` | {_kind(field)} | {field.description} |\n"


def _kind(field: FieldInfo) -> str:
    limits = [
        f"{word} {getattr(limit, name)}"
        for limit in field.metadata
        for name, word in (("ge", "at least"), ("gt", "above"), ("le", "at most"), ("lt", "below"))
        if hasattr(limit, name)
    ]
    return ", ".join([_type_in_words(field.annotation), *limits])


def _type_in_words(kind: object) -> str:
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        return " or ".join(f"`{value}`" for value in get_args(kind))
    if get_origin(kind) is list:
        inner = get_args(kind)[0]
        if _is_table(inner):
            return "tables"
        return f"list of {_type_in_words(inner)}{'' if get_origin(inner) is Literal else 's'}"
    inner = next((part for part in get_args(kind) if part is not type(None)), kind)
    words = {"str": "text", "int": "whole number", "float": "number", "bool": "true or false", "SecretStr": "secret"}
    name = getattr(inner, "__name__", str(inner))
    return words.get(name, name.lower())


if __name__ == "__main__":
    PAGE.write_text(settings_page(), encoding="utf-8")
