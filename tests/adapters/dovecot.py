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
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server. plain: also offers STARTTLS. tls: speaks TLS at once."""

    folder: Path
    plain: int
    tls: int
    user: str

    def deliver(self, mail: bytes) -> None:
        """Put a mail into the inbox."""
        new = self.folder / "mail/new"
        path = new.parent / "tmp" / f"{len(list(new.iterdir())):06d}.{os.urandom(4).hex()}"
        path.write_bytes(mail)
        path.chmod(0o666)
        path.rename(new / path.name)


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind((HOST, 0))
        other.bind((HOST, 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextlib.asynccontextmanager
async def dovecot(authority: Authority) -> AsyncIterator[Dovecot]:
    program = find_program("dovecot")
    assert program is not None, "apt-get install dovecot-imapd"
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))  # not below pytest's folder, which only its owner may enter
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.getuid())
    plain, tls = _free_ports()
    server = Dovecot(folder, plain, tls, owner.pw_name)
    authority.server()
    certificate = max(authority.folder.glob("server-*.pem"), key=lambda path: path.stat().st_mtime_ns)
    shutil.copy(certificate, folder / "certificate")
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}::::::\n")
    group = str(owner.pw_gid)
    import grp

    (folder / "conf").write_text(
        _CONFIGURATION.format(
            folder=folder, host=HOST, plain=plain, tls=tls, user=owner.pw_name, group=grp.getgrgid(int(group)).gr_name
        )
    )
    for name in ("cur", "new", "tmp"):
        (folder / "mail" / name).mkdir(parents=True)
    for path in (folder, folder / "mail", *(folder / "mail").iterdir()):
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
