"""A name server on this machine, over UDP: says what it is told to say, fails, or keeps silent."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

from dnslib import QTYPE, RCODE, RR, TXT, DNSRecord
from dnslib.server import DNSServer


def _nothing(*_: object) -> None:
    """No log lines, no traceback: silence is an answer that never comes."""


class _Quiet:
    def __getattr__(self, name: str) -> object:
        del name
        return _nothing


@dataclass(slots=True)
class NameServer:
    """`records` by name; names in `failing` get SERVFAIL, names in `silent` no answer at all."""

    records: dict[str, str] = field(default_factory=dict[str, str])
    failing: set[str] = field(default_factory=set[str])
    silent: set[str] = field(default_factory=set[str])
    asked: list[str] = field(default_factory=list[str])
    address: str = ""

    def resolve(self, request: DNSRecord, handler: object) -> DNSRecord:
        """Called by the server for each question."""
        del handler
        name = str(request.q.qname).rstrip(".").lower()
        self.asked.append(name)
        if name in self.silent:
            raise TimeoutError
        reply = request.reply()
        if name in self.failing:
            reply.header.rcode = RCODE.SERVFAIL
        elif name in self.records:
            text = self.records[name].encode()
            pieces = [text[start : start + 255] for start in range(0, len(text), 255)]
            reply.add_answer(RR(name, QTYPE.TXT, rdata=TXT(pieces), ttl=60))
        else:
            reply.header.rcode = RCODE.NXDOMAIN
        return reply


@contextmanager
def a_name_server() -> Generator[NameServer, None, None]:
    """Listening on a free port of 127.0.0.1."""
    server = NameServer()
    udp = DNSServer(server, address="127.0.0.1", port=0, logger=_Quiet())
    udp.server.handle_error = _nothing
    udp.start_thread()
    server.address = f"127.0.0.1:{udp.server.server_address[1]}"
    try:
        yield server
    finally:
        udp.stop()
        udp.server.server_close()
