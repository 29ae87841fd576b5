"""pymap on the post office's Maildirs, where no Dovecot is: `python -m gateway.demo.imap_pymap …`.

pymap itself speaks TLS only after STARTTLS; here its server is put behind a TLS socket, so that clients
find the same door as at Dovecot.
"""

import asyncio
import signal
import ssl
import sys
from argparse import Namespace
from contextlib import AsyncExitStack
from pathlib import Path

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.maildir import MaildirBackend
from pymap.imap import IMAPServer
from pysasl.hashing import BuiltinHash


def write_users(folder: Path, addresses: list[str], password: str) -> None:
    """Pymap's own user files; mailboxes lie in ADDRESS/Maildir."""
    users = "".join(f"{address}:x::::{address}/Maildir:\n" for address in addresses)
    (folder / "pymap-etc-passwd").write_text(users, encoding="utf-8")
    hashed = BuiltinHash().hash(password)
    shadow = "".join(f"{address}:{hashed}:::::::\n" for address in addresses)
    (folder / "pymap-etc-shadow").write_text(shadow, encoding="utf-8")


async def serve(mail: Path, certificate: Path, key: Path, port: int) -> None:
    """Serve IMAP over TLS on 127.0.0.1 until SIGTERM."""
    settings = Namespace(
        base_dir=str(mail),
        layout="++",
        colon=None,
        concurrency=None,
        host="127.0.0.1",
        port=port,
        debug=False,
        cert=None,
        key=None,
        tls=False,
        proxy_protocol=None,
        passlib_cfg=None,
    )
    backend, config = await MaildirBackend.init(settings)
    config.apply_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    answer = ProxyProtocolReader(config.proxy_protocol).get_callback(IMAPServer(backend.login, config))
    async with AsyncExitStack() as stack:
        await backend.start(stack)
        server = await asyncio.start_server(answer, "127.0.0.1", port, ssl=context)
        await stop.wait()
        server.close()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4])))
