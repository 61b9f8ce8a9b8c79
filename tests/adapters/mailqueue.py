"""A private Postfix in a temporary folder, and programs that look like postqueue."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import find_program

REASON = "connect to mx.example.net[192.0.2.1]:25: Connection timed out"

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
inet_interfaces = loopback-only
inet_protocols = ipv4
default_transport = retry:4.4.1 {reason}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
alias_maps =
"""

# No port is opened: mail comes through the maildrop queue, and the retry service defers all of it.
_MASTER = """\
postlog unix-dgram n - n - 1 postlogd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
"""


@dataclass(frozen=True)
class Postfix:
    """A running instance."""

    etc: Path

    @property
    def command(self) -> list[str]:
        return [_path("postqueue"), "-c", str(self.etc), "-j"]

    def send(self, sender: str, *recipients: str) -> None:
        command = [_path("sendmail"), "-C", str(self.etc), "-f", sender, *recipients]
        subprocess.run(command, input=b"Subject: hello\n\nhello\n", check=True)

    def stop(self) -> None:
        subprocess.run([_path("postfix"), "-c", str(self.etc), "stop"], check=True, capture_output=True)


def _path(program: str) -> str:
    path = find_program(program)
    assert path, f"{program} is missing: apt-get install postfix"
    return path


@contextlib.contextmanager
def running_postfix() -> Iterator[Postfix]:
    """Needs root: the master's programs run as other users. The folder must be open to them, unlike pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="postfix-"))
    try:
        folder.chmod(0o755)
        for name in ("etc", "queue", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        (folder / "etc/main.cf").write_text(_MAIN.format(folder=folder, reason=REASON))
        (folder / "etc/master.cf").write_text(_MASTER)
        postfix = Postfix(folder / "etc")
        subprocess.run([_path("postfix"), "-c", str(postfix.etc), "start"], check=True, capture_output=True)
        try:
            yield postfix
        finally:
            subprocess.run([_path("postfix"), "-c", str(postfix.etc), "stop"], check=False, capture_output=True)
    finally:
        shutil.rmtree(folder)


def script(folder: Path, body: str) -> list[str]:
    """The command of a Python program that stands for postqueue."""
    path = folder / "postqueue.py"
    path.write_text(body)
    return [sys.executable, "-S", str(path)]
