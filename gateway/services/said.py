"""What a person must say in a few words before something is done in their name."""

from gateway.errors import NotSaid

_LONGEST = 2000


def said(text: str, what: str) -> str:
    """The words without the space around them.

    Raises:
        NotSaid: there are none, or far too many for an event.
    """
    words = text.strip()
    if not words:
        raise NotSaid(f"say {what}, in a few words")
    if len(words) > _LONGEST:
        raise NotSaid(f"say {what} in fewer words: {len(words)} characters were typed, {_LONGEST} are kept")
    return words
