"""Notices that the configuration changed and reads it again. No threads: whoever wants to know asks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from penguintui.config.loading import Reading, read
from penguintui.config.problems import ConfigurationErrors
from penguintui.config.reading import Fingerprint, fingerprint
from penguintui.config.settings import Configuration


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Nothing new."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A new configuration that is right; the watcher goes on with it."""

    configuration: Configuration


@dataclass(frozen=True, slots=True)
class Broken:
    """A new configuration that is refused; the old one stays. Told once for each state of the files."""

    errors: ConfigurationErrors


Change = Unchanged | Changed | Broken
_State = dict[Path, Fingerprint | None]


class Watcher:
    """Follows one configuration file and the secrets' files that it names.

    A change is read only after it has rested for one poll: a file that is just being written could be
    right and still only half of what is meant.

    configuration: the last one that was right.
    errors: why the file as it stands is refused; None when it is in force.
    """

    def __init__(self, path: Path, env: Mapping[str, str]) -> None:
        """Reads the file. Raises ConfigurationErrors."""
        self._path = path
        self._env = env
        reading = read(path, env)
        if reading.configuration is None:
            raise ConfigurationErrors(reading.problems)
        self.configuration = reading.configuration
        self.errors: ConfigurationErrors | None = None
        self._read: _State = dict(reading.files)
        self._seen = self._read

    def poll(self) -> Change:
        """What happened since the last time. Costs one `stat` for each file."""
        now = {path: fingerprint(path) for path in self._read}
        rested, self._seen = now == self._seen, now
        if now == self._read or not rested:
            return Unchanged()
        reading = read(self._path, self._env)
        self._read = self._seen = dict(reading.files)
        return self._judge(reading)

    def _judge(self, reading: Reading) -> Change:
        if reading.configuration is None:
            self.errors = ConfigurationErrors(reading.problems)
            return Broken(self.errors)
        same, was_broken = reading.configuration == self.configuration, self.errors is not None
        self.configuration, self.errors = reading.configuration, None
        return Unchanged() if same and not was_broken else Changed(reading.configuration)
