"""How fast one domain is written to. Big providers turn away, and then distrust, whoever comes too fast."""


class DomainPace:
    """Gives each mail its turn: mails to one domain go out evenly spaced, those to others do not wait for them."""

    def __init__(self, per_minute: int) -> None:
        self._apart_s = 60.0 / per_minute
        self._free_at: dict[str, float] = {}  # when the domain may next be written to, by the caller's clock
        self._turns: dict[str, float] = {}  # by key, of those who were told to come back

    def wait_s(self, domain: str, key: str, now_s: float) -> float:
        """Seconds until this mail's turn; 0 means now, and the turn is taken. Who comes back keeps the turn it has."""
        turn = self._turns.get(key)
        if turn is None:
            turn = max(now_s, self._free_at.get(domain.lower(), now_s))
            self._free_at[domain.lower()] = turn + self._apart_s
        if turn > now_s:
            self._turns[key] = turn
            return turn - now_s
        self._turns.pop(key, None)
        return 0.0
