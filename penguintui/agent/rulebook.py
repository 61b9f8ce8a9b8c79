"""The rule files that are in force: read, watched, and kept as they were when a changed one is broken."""

from __future__ import annotations

import glob
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from penguintui.alerting.rulefiles import Group, Rule, RuleFile, read_rules
from penguintui.config.reading import Fingerprint, fingerprint
from penguintui.config.rules import RuleSettings

SHIPPED = Path(__file__).parents[1] / "rules"
"""The rules that come along."""
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Reread:
    """What a look at the files brought: the groups in force by their identity, and what is wrong."""

    groups: Mapping[str, Group]
    problems: Sequence[str]


@dataclass(slots=True)
class Rulebook:
    """Knows which files there are, and when one of them changed."""

    _seen: dict[Path, Fingerprint | None] = field(default_factory=dict)
    _files: dict[Path, RuleFile] = field(default_factory=dict)
    _problems: dict[Path, list[str]] = field(default_factory=dict)

    def look(self, settings: RuleSettings, folder: Path) -> Reread | None:
        """Read what is new or changed; None when nothing is. `folder`: from where relative paths count.

        A file that became broken goes on with the rules it had, and what is wrong is said, with file and line.
        """
        missing = []
        paths = sorted(SHIPPED.glob("*.yaml")) if settings.shipped else []
        for pattern in settings.files:
            matched = glob.glob(pattern, root_dir=folder, recursive=True)  # noqa: PTH207 - absolute patterns, too
            paths += [folder / name for name in sorted(matched)]
            if not matched:
                missing.append(f"rules.files: no file matches {pattern}")
        seen: dict[Path, Fingerprint | None] = {path: fingerprint(path) for path in paths}
        if seen == self._seen and self._problems.get(Path(), []) == missing:
            return None
        for path in paths:
            if path not in self._seen or seen[path] != self._seen[path]:
                self._read(path)
        for path in [path for path in self._files if path not in seen]:
            del self._files[path]
        self._problems = {path: found for path, found in self._problems.items() if path in seen}
        if missing:
            self._problems[Path()] = missing
        self._seen = seen
        problems = [one for path in sorted(self._problems) for one in self._problems[path]]
        return Reread(_groups(self._files), problems)

    def _read(self, path: Path) -> None:
        found = read_rules(path)
        self._problems.pop(path, None)
        if found.problems:
            self._problems[path] = [str(problem) for problem in found.problems]
        else:
            self._files[path] = found


def _groups(files: Mapping[Path, RuleFile]) -> dict[str, Group]:
    """The groups by `file;group`, which tells apart groups of the same name in different files."""
    return {f"{_name(path)};{group.name}": group for path, found in files.items() for group in found.groups}


def _name(path: Path) -> str:
    return f"shipped/{path.name}" if path.parent == SHIPPED else str(path)


def changed(before: Mapping[str, Group], after: Mapping[str, Group]) -> str:
    """Which rules came, went or are other ones, in a sentence; "" when none. Where they stand in a file is the same."""
    old, new = _rules(before), _rules(after)
    parts = (
        ("new", new.keys() - old.keys()),
        ("gone", old.keys() - new.keys()),
        ("changed", {name for name in old.keys() & new.keys() if old[name] != new[name]}),
    )
    words = [f"{what}: {_listed(sorted({name for _, name in names}))}" for what, names in parts if names]
    return f"rules changed; {'; '.join(words)}" if words else ""


def _rules(groups: Mapping[str, Group]) -> dict[tuple[str, str], list[Rule]]:
    found: dict[tuple[str, str], list[Rule]] = {}
    for identity, group in groups.items():
        for rule in group.rules:
            found.setdefault((identity, rule.name), []).append(replace(rule, line=0))
    return found


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"{', '.join(names[:_NAMED])}{more}"
