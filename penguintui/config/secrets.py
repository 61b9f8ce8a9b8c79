"""Where secrets come from: `!env NAME` and `!file PATH`."""

from __future__ import annotations

import re
import stat
from collections.abc import Mapping
from pathlib import Path

from penguintui.config.reading import Fingerprint, UnreadableFileError, fingerprint, read_bounded
from penguintui.model.secret import Secret

ENV, FILE = "!env", "!file"
TAGS = (ENV, FILE)
MAX_SECRET = 64 * 1024
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class MissingSecretError(Exception):
    """Says in words why there is no secret, and what would help."""

    def __init__(self, message: str, suggestion: str) -> None:
        super().__init__(message)
        self.message, self.suggestion = message, suggestion


class SecretSource:
    """Reads the secrets that one configuration names, and remembers the files they came from."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder = folder
        self._environment = environment
        self.files: dict[Path, Fingerprint | None] = {}

    def read(self, tag: str, text: str) -> Secret:
        """The secret that `tag` and `text` name. Raises MissingSecretError."""
        return self._from_environment(text) if tag == ENV else self._from_file(text)

    def _from_environment(self, name: str) -> Secret:
        if not _NAME.fullmatch(name):
            raise MissingSecretError(
                "!env wants the name of an environment variable", "write one such as `!env PENGUINMAILS_TOKEN`"
            )
        value = self._environment.get(name)
        if value is None:
            raise MissingSecretError(
                f"the environment variable {name} is not set", "set it for the agent or use `!file`"
            )
        if not value:
            raise MissingSecretError(f"the environment variable {name} is empty", "give it the secret")
        return Secret(value)

    def _from_file(self, text: str) -> Secret:
        if not text:
            raise MissingSecretError("!file wants the path of a file", "write one such as `!file secrets/token`")
        path = self._folder / text
        self.files[path] = fingerprint(path)
        try:
            content, self.files[path] = read_bounded(path, MAX_SECRET)
        except UnreadableFileError as error:
            raise MissingSecretError(
                f"the secret's file {path} {error}", "it must be a file that the agent can read"
            ) from None
        _check_mode(path, self.files[path])
        return Secret(_text(path, content))


def _check_mode(path: Path, found: Fingerprint | None) -> None:
    """0600 and 0640, or less, are fine: everybody else must be kept out, and the group may only read."""
    mode = stat.S_IMODE(found.mode) if found else 0
    if mode & 0o037:
        raise MissingSecretError(
            f"the secret's file {path} is open to others (mode {mode:04o})", f"run `chmod 600 {path}`"
        )


def _text(path: Path, content: bytes) -> str:
    value = _decoded(content)
    if value is None:
        raise MissingSecretError(f"the secret's file {path} is not UTF-8 text", "save the secret as text")
    value = value.removesuffix("\n").removesuffix("\r")
    if not value:
        raise MissingSecretError(f"the secret's file {path} is empty", "put the secret into it")
    return value


def _decoded(content: bytes) -> str | None:
    """The text, or None; the decoder's own error would carry the secret's bytes along."""
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return None
