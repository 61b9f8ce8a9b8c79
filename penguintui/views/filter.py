"""What is typed after `/`: plain text, `~` fuzzy, `!` inverse, `label=value`; every word must fit. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from penguintui.model.record import record

Test = Callable[[str, Mapping[str, str]], bool]


@record
class Filter:
    """A filter that was understood. `error` says in words what is wrong with it; then it lets everything pass."""

    text: str
    tests: tuple[Test, ...] = ()
    error: str = ""

    def passes(self, text: str, labels: Mapping[str, str]) -> bool:
        """Whether a row may be shown. text: all that is written in it."""
        return all(test(text.casefold(), labels) for test in self.tests)


def parse(text: str) -> Filter:
    """Understand a filter. Words are divided by spaces; case does not matter; `!` turns the word after it around.

    `label=value` and `label!=value` compare a label's whole value; a label that is not there has the empty value.
    """
    tests = []
    for word in text.split():
        test, error = _word(word)
        if test is None:
            return Filter(text, (), error)
        tests.append(test)
    return Filter(text, tuple(tests))


def fuzzy(wanted: str, text: str) -> bool:
    """Whether the letters of `wanted` stand in `text` in that order, others between them or not."""
    letters = iter(text)
    return all(letter in letters for letter in wanted)


def _word(word: str) -> tuple[Test | None, str]:
    if word.startswith("!"):
        test, error = _word(word[1:]) if len(word) > 1 else (None, "! turns a word around; write the word after it")
        return (None if test is None else _inverse(test)), error
    if word.startswith("~"):
        if len(word) == 1:
            return None, "~ looks for letters in their order; write the letters after it"
        return _fuzzy(word[1:].casefold()), ""
    label, equals, value = word.partition("=")
    if equals and label.removesuffix("!"):
        test = _labelled(label.removesuffix("!"), value.casefold())
        return (_inverse(test) if label.endswith("!") else test), ""
    return _plain(word.casefold()), ""


def _plain(wanted: str) -> Test:
    return lambda text, _labels: wanted in text


def _fuzzy(wanted: str) -> Test:
    return lambda text, _labels: fuzzy(wanted, text)


def _labelled(label: str, value: str) -> Test:
    return lambda _text, labels: labels.get(label, "").casefold() == value


def _inverse(test: Test) -> Test:
    return lambda text, labels: not test(text, labels)
