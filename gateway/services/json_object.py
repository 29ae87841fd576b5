"""Bytes from outside to a JSON object, with errors that say where the slip is."""

import json

from gateway.errors import InvalidIntake

_LARGEST_BYTES = 1024 * 1024


class NotJson(InvalidIntake):
    """The bytes are no JSON: half a file, or a slip in the writing; the message says where."""


def json_object(data: bytes) -> dict[str, object]:
    """The one object in the bytes (UTF-8, with or without a byte order mark).

    Raises:
        NotJson: they are no JSON, maybe not yet.
        InvalidIntake: they are JSON, but no object, or larger than any form.
    """
    if len(data) > _LARGEST_BYTES:
        raise InvalidIntake(f"is larger than {_LARGEST_BYTES // 1024} KiB: attach documents as files, by name")
    try:
        value: object = json.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise NotJson("is not UTF-8 text: save it as UTF-8") from error
    except json.JSONDecodeError as error:
        raise NotJson(f"is no JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except (RecursionError, ValueError) as error:
        raise NotJson("is no JSON that can be read: it is nested too deep or holds a number too long") from error
    if not isinstance(value, dict):
        raise InvalidIntake("must be one object in curly braces")
    return {str(key): item for key, item in value.items()}
