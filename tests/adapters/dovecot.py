"""Debian's Dovecot, as an ordinary user, in a temporary folder, on free ports of loopback."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import socket
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from ..conftest import find_program
from .authority import Authority
from .servers import HOST

USER, PASSWORD = "eva", 'pa"ss\\wörd'
_CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
ssl = yes
ssl_cert = <{folder}/certificate
ssl_key = <{folder}/certificate
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=plain username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = {host}
    port = {plain}
  }}
  inet_listener imaps {{
    address = {host}
    port = {tls}
    ssl = yes
  }}
}}
service auth {{
  unix_listener {folder}/sasl {{
    mode = 0666
  }}
}}
namespace inbox {{
  inbox = yes
  mailbox Junk {{
    auto = create
    special_use = \\Junk
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
{stats}}}
"""
_STATISTICS = """
protocols = imap lmtp
service lmtp {{
  inet_listener lmtp {{
    address = {host}
    port = {lmtp}
  }}
}}
service doveadm {{
  inet_listener http {{
    address = {host}
    port = {doveadm}
  }}
}}
service replicator {{
  unix_listener replicator-doveadm {{
    mode = 0666
  }}
}}
doveadm_api_key = sesame
metric auth_success {{
  filter = event=auth_request_finished AND success=yes
}}
metric auth_failures {{
  filter = event=auth_request_finished AND NOT success=yes
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server. plain: also offers STARTTLS. tls: speaks TLS at once. The rest only with statistics."""

    folder: Path
    plain: int
    tls: int
    user: str
    metrics: int = 0
    doveadm: int = 0
    lmtp: int = 0

    @property
    def sasl(self) -> Path:
        """The socket at which a mail server asks whether a password is right."""
        return self.folder / "sasl"

    def deliver(self, mail: bytes, folder: str = "") -> None:
        """Put a mail into the inbox, or into the folder that is kept under this name (`.Junk`)."""
        new = self.folder / "mail" / folder / "new"
        path = new.parent / "tmp" / f"{len(list(new.iterdir())):06d}.{os.urandom(4).hex()}"
        path.write_bytes(mail)
        path.chmod(0o666)
        path.rename(new / path.name)


def _free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        bound = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in bound:
            one.bind((HOST, 0))
        return [one.getsockname()[1] for one in bound]


@contextlib.asynccontextmanager
async def dovecot(authority: Authority, *, statistics: bool = False) -> AsyncIterator[Dovecot]:
    """statistics: whether it also shows them, answers doveadm's HTTP API and takes deliveries."""
    program = find_program("dovecot")
    assert program is not None, "apt-get install dovecot-imapd"
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # not below pytest's folder, which only its owner may enter
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
    plain, tls, *others = _free_ports(5)
    server = Dovecot(folder, plain, tls, owner.pw_name, *(others if statistics else ()))
    authority.server()
    certificate = max(authority.folder.glob("server-*.pem"), key=lambda path: path.stat().st_mtime_ns)
    shutil.copy(certificate, folder / "certificate")
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    group = str(owner.pw_gid)
    import grp

    named = {"user": owner.pw_name, "group": grp.getgrgid(int(group)).gr_name}
    stats = f"  inet_listener http {{\n    address = {HOST}\n    port = {server.metrics}\n  }}\n" if statistics else ""
    text = _CONFIGURATION.format(folder=folder, host=HOST, plain=plain, tls=tls, stats=stats, **named)
    more = _STATISTICS.format(host=HOST, lmtp=server.lmtp, doveadm=server.doveadm) if statistics else ""
    (folder / "conf").write_text(text + more)
    for name in ("cur", "new", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
        (folder / "mail/.Junk" / name).mkdir(parents=True)
    for path in (folder, folder / "mail", *(folder / "mail").rglob("*")):
        path.chmod(0o777)
    process = await asyncio.create_subprocess_exec(program, "-F", "-c", str(folder / "conf"))
    try:
        async with asyncio.timeout(30):
            while True:
                assert process.returncode is None, (folder / "log").read_text()
                with contextlib.suppress(OSError):
                    reader, writer = await asyncio.open_connection(HOST, plain)
                    greeted = await reader.readline()
                    writer.close()
                    if greeted:
                        break
                await asyncio.sleep(0.05)
        yield server
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        shutil.rmtree(folder)
