"""What the engine has to say about an answer, beside its values."""

from __future__ import annotations

from dataclasses import dataclass, field

from penguintui.query.language.nodes import Call, RangeSelector
from penguintui.query.source import MatchOp

_COUNTER_SUFFIXES = ("_total", "_sum", "_count", "_bucket")


@dataclass(slots=True)
class Notes:
    """Warnings and hints, each sentence once."""

    warnings: dict[str, None] = field(default_factory=dict)
    infos: dict[str, None] = field(default_factory=dict)

    def warn(self, text: str) -> None:
        self.warnings[text] = None

    def info(self, text: str) -> None:
        self.infos[text] = None

    def doubt_the_counter(self, node: Call) -> None:
        """A name that does not end like a counter's may be a gauge's."""
        selector = node.args[0]
        if isinstance(selector, RangeSelector):
            for matcher in selector.selector.matchers:
                named = matcher.name == "__name__" and matcher.op is MatchOp.EQUAL
                if named and not matcher.value.endswith(_COUNTER_SUFFIXES):
                    self.info(
                        "PromQL info: metric might not be a counter, name does not end in "
                        f'_total/_sum/_count/_bucket: "{matcher.value}"'
                    )
