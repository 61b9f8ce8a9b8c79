"""A private Postfix that takes mail by submission, with STARTTLS and AUTH, and puts it into Dovecot's mailboxes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from .authority import Authority
from .bind import free_port
from .dovecot import Dovecot
from .mailqueue import _path
from .servers import HOST

_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = /usr/sbin
daemon_directory = /usr/lib/postfix/sbin
mail_owner = postfix
setgid_group = postdrop
myhostname = mx1.example.com
mydestination =
mynetworks =
inet_interfaces = loopback-only
inet_protocols = ipv4
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
alias_maps =
smtpd_tls_security_level = encrypt
smtpd_tls_chain_files = {folder}/certificate
smtpd_tls_auth_only = yes
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {sasl}
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions = check_recipient_access inline:{{ {{ refused@seed.example = 550 5.7.1 not here }} }}
virtual_mailbox_domains = seed.example
virtual_mailbox_base = {mail}
virtual_mailbox_maps = inline:{{
    {{ eva@seed.example = ./ }}, {{ spam@seed.example = .Junk/ }}, {{ lost@seed.example = lost/ }} }}
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
"""

_MASTER = """\
{host}:{port} inet n - n - - smtpd
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
proxymap unix - - n - - proxymap
anvil unix - - n - 1 anvil
"""


@dataclass(frozen=True)
class Relay:
    """A running instance. Mail to eva@, spam@ and lost@seed.example goes to inbox, spam and nowhere to be seen."""

    folder: Path
    port: int

    def log(self) -> str:
        return (self.folder / "log").read_text()


@contextlib.asynccontextmanager
async def relay(authority: Authority, seeds: Dovecot) -> AsyncIterator[Relay]:
    """Needs root: the master's programs run as other users."""
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    owner = pwd.getpwnam(seeds.user)
    one = Relay(folder, free_port())
    try:
        folder.chmod(0o755)
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        authority.server()
        certificate = max(authority.folder.glob("server-*.pem"), key=lambda path: path.stat().st_mtime_ns)
        _key_first(certificate.read_text(), folder / "certificate")
        main = _MAIN.format(
            folder=folder, sasl=seeds.sasl, mail=seeds.folder / "mail", uid=owner.pw_uid, gid=owner.pw_gid
        )
        (folder / "etc/main.cf").write_text(main)
        (folder / "etc/master.cf").write_text(_MASTER.format(host=HOST, port=one.port))
        command = [_path("postfix"), "-c", str(folder / "etc")]
        started = subprocess.run([*command, "start"], check=False, capture_output=True, text=True)
        assert started.returncode == 0, started.stderr + one.log()
        try:
            try:
                await _greets(one)
            except TimeoutError:
                raise AssertionError(one.log()) from None
            yield one
        finally:
            subprocess.run([*command, "stop"], check=False, capture_output=True)
    finally:
        shutil.rmtree(folder)


def _key_first(pem: str, path: Path) -> None:
    """Postfix wants the key before its certificate."""
    end = "-----END CERTIFICATE-----\n"
    certificate, _, key = pem.partition(end)
    path.touch(mode=0o600)
    path.write_text(key + certificate + end)


async def _greets(one: Relay) -> None:
    async with asyncio.timeout(10):
        while True:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection(HOST, one.port)
                line = await reader.readline()
                writer.close()
                if line.startswith(b"220"):
                    return
            await asyncio.sleep(0.05)


IS_ROOT = os.geteuid() == 0
