"""Asks name servers for the keys that verify mails' signatures; the only place that asks DNS by itself.

Owns the resolver, its patience and its memory. Knows nothing of mails: the reading processes, which have no network,
say which names they need and are handed what was found.
"""

import asyncio
from collections.abc import Sequence
from ipaddress import ip_address

from dns.asyncresolver import Resolver
from dns.exception import DNSException
from dns.nameserver import Do53Nameserver
from dns.resolver import NXDOMAIN, LRUCache, NoAnswer

_MOST_NAMES = 5
_LONGEST_RECORD = 4096  # a 4096-bit key takes 800 characters


class KeyRecords:
    """TXT records by name. What cannot be asked in time is left out, which is no verdict on anybody."""

    def __init__(self, servers: Sequence[str] = (), patience_s: float = 6.0) -> None:
        """`servers` as `192.0.2.1`, `192.0.2.1:5353` or `[2001:db8::1]:53`; none: those of this machine."""
        self._servers = tuple(servers)
        self._patience_s = patience_s
        self._resolver: Resolver | None = None

    async def ask(self, names: Sequence[str]) -> dict[str, str]:
        """The record of each name: empty where there is none; a name nobody could answer for is left out."""
        wanted = list(dict.fromkeys(names))[:_MOST_NAMES]
        answers = await asyncio.gather(*[self._record(name) for name in wanted])
        return {name: record for name, record in zip(wanted, answers, strict=True) if record is not None}

    async def _record(self, name: str) -> str | None:
        try:
            answer = await self._opened().resolve(f"{name}.", "TXT", lifetime=self._patience_s)
        except (NXDOMAIN, NoAnswer):
            return ""
        except (DNSException, OSError, ValueError, UnicodeError):
            return None
        texts = [b"".join(record.strings) for record in answer.rrset or ()]
        keys = [text for text in texts if b"p=" in text]  # a wildcard's other texts may stand beside it
        return (keys or texts)[0][:_LONGEST_RECORD].decode("ascii", "replace") if texts else ""

    def _opened(self) -> Resolver:
        """Made when first needed: a machine without a name server gets no answer, not a daemon that does not start."""
        if self._resolver is None:
            resolver = Resolver(configure=not self._servers)
            if self._servers:
                resolver.nameservers = [Do53Nameserver(*address_and_port(one)) for one in self._servers]
            resolver.cache = LRUCache(1000)
            resolver.timeout = self._patience_s / 2
            self._resolver = resolver
        return self._resolver


def address_and_port(server: str) -> tuple[str, int]:
    """A name server as written in the settings. Raises ValueError."""
    host, colon, port = server.rpartition(":")
    if colon and port.isdigit() and (host.startswith("[") or ":" not in host):
        return str(ip_address(host.strip("[]"))), int(port)
    return str(ip_address(server.strip("[]"))), 53
