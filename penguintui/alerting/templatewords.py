"""The functions that templates of rules may call: Go's own and those that Prometheus adds."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, quote_plus, urlsplit

from penguintui.alerting.goformat import format_number, show, sprint, sprintf, type_name
from penguintui.alerting.gotime import Moment, Span
from penguintui.alerting.templateparts import TemplateError
from penguintui.query.errors import shorten
from penguintui.query.language.regex import RegexError, compile_regex


@dataclass(frozen=True, slots=True)
class QueriedSample:
    """One sample of what `query` found: `.Labels` and `.Value`."""

    labels: Mapping[str, str]
    value: float

    def field(self, name: str) -> Any:
        """A field by its name in templates; None where there is none."""
        return {"Labels": self.labels, "Value": self.value}.get(name)

    def __str__(self) -> str:
        return f"{{{show(self.labels)} {show(self.value)}}}"


def truth(value: Any) -> bool:
    """What if, and, or, not mean: empty and zero are false."""
    return bool(value)


# Prometheus' own


def _number(value: Any) -> float:
    if isinstance(value, Span):
        return value.seconds
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TemplateError(f"can't convert {type_name(value)} to float")
    try:
        return float(value)
    except ValueError:
        raise TemplateError(f"{shorten(repr(value), 60)} is no number") from None


def humanize(value: Any) -> str:
    """A number with a prefix: 1234567 is `1.235M`."""
    number = _number(value)
    if number == 0 or not math.isfinite(number):
        return _short(number)
    prefix = ""
    if abs(number) >= 1:
        for step in "kMGTPEZY":
            if abs(number) < 1000:
                break
            prefix, number = step, number / 1000
    else:
        for step in "munpfazy":
            if abs(number) >= 1:
                break
            prefix, number = step, number * 1000
    return _short(number) + prefix


def humanize1024(value: Any) -> str:
    """A number with a prefix of 1024: 97.66ki."""
    number = _number(value)
    prefix = ""
    if abs(number) > 1 and math.isfinite(number):
        for step in ("ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"):
            if abs(number) < 1024:
                break
            prefix, number = step, number / 1024
    return _short(number) + prefix


def humanize_duration(value: Any) -> str:
    """Seconds as `1d 3h 46m 40s`, or with a prefix below one second."""
    number = _number(value)
    if not math.isfinite(number):
        return _short(number)
    if number == 0:
        return "0s"
    if abs(number) < 1:
        return humanize(number) + "s"
    return _long_duration("-" if number < 0 else "", abs(number))


def _long_duration(sign: str, number: float) -> str:
    whole = int(number)
    seconds, minutes, hours, days = whole % 60, whole // 60 % 60, whole // 3600 % 24, whole // 86400
    if days:
        return f"{sign}{days}d {hours}h {minutes}m {seconds}s"
    if hours:
        return f"{sign}{hours}h {minutes}m {seconds}s"
    if minutes:
        return f"{sign}{minutes}m {seconds}s"
    return f"{sign}{_short(number)}s"


def humanize_percentage(value: Any) -> str:
    return f"{_short(_number(value) * 100)}%"


def humanize_timestamp(value: Any) -> str:
    """Seconds since 1970 as a time in UTC."""
    number = _number(value)
    return str(to_time(number)) if math.isfinite(number) else _short(number)


def to_time(value: Any) -> Moment:
    number = _number(value)
    if not math.isfinite(number) or abs(number) >= 2**63 / 1e9:
        raise TemplateError(f"{show(number)} cannot be represented as a nanoseconds timestamp since it overflows int64")
    return Moment(math.trunc(number * 1000))


def _short(number: float) -> str:
    return format_number(float(number), 4)


def _text(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise TemplateError(f"expected string; found {show(value)}")
    return value


def re_replace_all(pattern: Any, replacement: Any, text: Any) -> str:
    """Replace what matches; `$1` and `${name}` in the replacement are groups."""
    try:
        compiled = compile_regex(_text(pattern))
    except RegexError as error:
        raise TemplateError(f"invalid regular expression {pattern!r}: {error}") from None
    template = _text(replacement)

    def fill(found: re.Match[str]) -> str:
        def group(reference: re.Match[str]) -> str:
            name = reference[2] or reference[3]
            if reference[1]:
                return "$"
            if name.isdigit():
                return (found[int(name)] or "") if int(name) <= found.re.groups else ""
            return (found[name] or "") if name in found.re.groupindex else ""

        return re.sub(r"\$(?:(\$)|(\w+)|\{(\w+)\})", group, template)

    return compiled.sub(fill, _text(text))


def _matches(pattern: Any, text: Any) -> bool:
    try:
        return compile_regex(_text(pattern)).search(_text(text)) is not None
    except RegexError as error:
        raise TemplateError(f"invalid regular expression {pattern!r}: {error}") from None


def _vector(value: Any) -> Sequence[Any]:
    if isinstance(value, str) or not isinstance(value, Sequence):
        raise TemplateError(f"wrong type for value; expected a query's result; got {type_name(value)}")
    return value


def _sample(value: Any) -> QueriedSample:
    if not isinstance(value, QueriedSample):
        raise TemplateError(f"expected a query's sample; found {show(value)}")
    return value


def _first(vector: Any) -> Any:
    samples = _vector(vector)
    if not samples:
        raise TemplateError("first() called on vector with no elements")
    return samples[0]


def _sort_by_label(label: Any, vector: Any) -> Sequence[Any]:
    return sorted(_vector(vector), key=lambda sample: _sample(sample).labels.get(_text(label), ""))


def strip_port(value: Any) -> str:
    """A host without its port; what has none stays as it is."""
    text = _text(value)
    found = re.fullmatch(r"\[([^\[\]]*)\]:[^:\[\]]*|([^:\[\]]*):[^:\[\]]*", text)
    return text if found is None else (found[1] if found[1] is not None else found[2])


def strip_domain(value: Any) -> str:
    """A host's first label, its port kept; an address stays as it is."""
    text = _text(value)
    host = strip_port(text)
    port = text[text.rindex(":") :] if host != text else ""
    if ":" in host or re.fullmatch(r"\d+(\.\d+){3}", host):
        return text
    return host.split(".")[0] + port


def parse_duration(value: Any) -> float:
    """Seconds of `1h30m`."""
    from penguintui.alerting.durations import parse_duration as parse

    try:
        return parse(_text(value))
    except ValueError as error:
        raise TemplateError(str(error)) from None


def _graph_link(expr: Any, tab: int) -> str:
    return f"/graph?g0.expr={quote_plus(_text(expr))}&g0.tab={tab}"


def _title(text: Any) -> str:
    """Each word with a capital. Words begin behind space and what is in ASCII no letter, digit or underscore."""
    return re.sub(r"(^|[^\w\x80-\U0010ffff]|\s)(\w)", lambda found: found[1] + found[2].upper(), _text(text))


def _by_letter(text: str, change: Callable[[str], str]) -> str:
    """Letters in the other case, one for one: what would become two stays as it is."""
    return "".join(new if len(new := change(letter)) == 1 else letter for letter in text)


# Go's own


def _kind(value: Any) -> type:
    if isinstance(value, bool | int | float | str):
        return type(value)
    raise TemplateError("invalid type for comparison")


def _equal(first: Any, *others: Any) -> bool:
    if not others:
        raise TemplateError("missing argument for comparison")
    found = False
    for other in others:
        if _kind(first) is not _kind(other):
            raise TemplateError("incompatible types for comparison")
        found = found or first == other
    return found


def _ordered(compare: Callable[[Any, Any], bool]) -> Callable[[Any, Any], bool]:
    def function(left: Any, right: Any) -> bool:
        if _kind(left) is bool or _kind(right) is bool:
            raise TemplateError("invalid type for comparison")
        if _kind(left) is not _kind(right):
            raise TemplateError("incompatible types for comparison")
        return compare(left, right)

    return function


def _index(value: Any, *keys: Any) -> Any:
    for key in keys:
        if isinstance(value, Mapping):
            value = value.get(_text(key), "")
        elif isinstance(value, Sequence) and isinstance(key, int) and not isinstance(key, bool):
            if not 0 <= key < len(value):
                raise TemplateError(f"index out of range: {key}")
            value = value.encode()[key] if isinstance(value, str) else value[key]
        else:
            raise TemplateError(f"can't index item of type {type_name(value)}")
    return value


def _slice(value: Any, *bounds: Any) -> Any:
    if not isinstance(value, Sequence) or len(bounds) > 2:
        raise TemplateError(f"can't slice item of type {type_name(value)}")
    low = bounds[0] if bounds else 0
    high = bounds[1] if len(bounds) > 1 else len(value)
    if not (isinstance(low, int) and isinstance(high, int) and 0 <= low <= high <= len(value)):
        raise TemplateError("slice index out of range")
    return value[low:high]


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value.encode())
    if isinstance(value, Mapping | Sequence):
        return len(value)
    raise TemplateError(f"len of type {type_name(value)}")


_HTML = str.maketrans({"<": "&lt;", ">": "&gt;", "&": "&amp;", '"': "&#34;", "'": "&#39;", "\0": "\ufffd"})
_JS = {"\\": "\\\\", "'": "\\'", '"': '\\"', "<": "\\u003C", ">": "\\u003E", "&": "\\u0026", "=": "\\u003D"}


def _js(*values: Any) -> str:
    return "".join(_JS.get(c, c if ord(c) >= 0x20 else f"\\u{ord(c):04X}") for c in sprint(values))


WORDS: dict[str, Callable[..., Any]] = {
    "args": lambda *values: {f"arg{i}": value for i, value in enumerate(values)},
    "eq": _equal,
    "first": _first,
    "ge": _ordered(lambda a, b: a >= b),
    "graphLink": lambda expr: _graph_link(expr, 0),
    "gt": _ordered(lambda a, b: a > b),
    "html": lambda *values: sprint(values).translate(_HTML),
    "humanize": humanize,
    "humanize1024": humanize1024,
    "humanizeDuration": humanize_duration,
    "humanizePercentage": humanize_percentage,
    "humanizeTimestamp": humanize_timestamp,
    "index": _index,
    "js": _js,
    "label": lambda name, sample: _sample(sample).labels.get(_text(name), ""),
    "le": _ordered(lambda a, b: a <= b),
    "len": _length,
    "lt": _ordered(lambda a, b: a < b),
    "match": _matches,
    "ne": lambda left, right: not _equal(left, right),
    "not": lambda value: not truth(value),
    "parseDuration": parse_duration,
    "print": lambda *values: sprint(values),
    "printf": lambda text, *values: sprintf(_text(text), values),
    "println": lambda *values: " ".join(map(show, values)) + "\n",
    "reReplaceAll": re_replace_all,
    "safeHtml": _text,
    "slice": _slice,
    "sortByLabel": _sort_by_label,
    "stripDomain": strip_domain,
    "stripPort": strip_port,
    "strvalue": lambda sample: _sample(sample).labels.get("__value__", ""),
    "tableLink": lambda expr: _graph_link(expr, 1),
    "title": _title,
    "toDuration": lambda value: Span(_number(value)),
    "toLower": lambda text: _by_letter(_text(text), str.lower),
    "toTime": to_time,
    "toUpper": lambda text: _by_letter(_text(text), str.upper),
    "urlQueryEscape": lambda text: quote_plus(_text(text)),
    "urlquery": lambda *values: quote_plus(sprint(values)),
    "value": lambda sample: _sample(sample).value,
}
"""Functions that need nothing but their arguments."""


def path_prefix(url: str) -> str:
    """The path of the external address."""
    return quote(urlsplit(url).path)
