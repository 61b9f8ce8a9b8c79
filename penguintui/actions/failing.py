"""How a step fails."""

from __future__ import annotations


class StepFailed(Exception):  # noqa: N818 (the word for what happened to the step)
    """A step did not do what it should; the text is the reason in words."""
