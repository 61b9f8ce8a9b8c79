"""Which rule files the agent evaluates."""

from __future__ import annotations

from pydantic import Field

from penguintui.config.base import Settings
from penguintui.config.values import Duration


class RuleSettings(Settings):
    """Recording and alerting rules, in files of Prometheus' format."""

    files: list[str] = Field(
        default_factory=list,
        description="Rule files: paths, or patterns such as rules/*.yaml, from this file's folder.",
    )
    shipped: bool = Field(True, description="Evaluate the rules for a mail platform that penguintui brings along.")
    interval: Duration = Field(15.0, gt=0, description="How often a group is evaluated that does not say it itself.")
    labels: dict[str, str] = Field(
        default_factory=dict,
        description="What templates know as $externalLabels; environment and region by themselves.",
    )
