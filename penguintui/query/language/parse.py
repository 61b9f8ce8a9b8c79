"""From a query's text to its parts. The grammar is `promql_parser`'s; what it lets through and we refuse ends here."""

from __future__ import annotations

import functools
import re
from datetime import timedelta
from typing import Any

from penguintui.query.errors import ParseError, QueryError, Unsupported, shorten
from penguintui.query.language import nodes
from penguintui.query.language.nodes import Node
from penguintui.query.language.strings import decode_byte_escapes
from penguintui.query.limits import FARTHEST
from penguintui.query.source import Matcher, MatchOp

NATIVE_ONLY = frozenset({"histogram_avg", "histogram_count", "histogram_sum", "histogram_stddev", "histogram_stdvar"})

_LONGEST = 1 << 23
_LONGEST_WORDS = 300
"""Characters of the parser's own words, which may repeat a pattern as long as the query."""
_MOST_OPERATORS = 1000
"""The parser is recursive and its time grows with the square of the nesting: thousands of operators end the process."""
_CACHED = 1 << 14

_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\'|`[^`]*`', re.DOTALL)
_OPERATORS = re.compile(r"[-+*/%^(<>=!]|\b(?:and|or|unless|atan2)\b", re.IGNORECASE)
_NUMBER = r"(nan|inf|(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?)(?!\w)"
_SPANS = re.compile(rf"(?:\boffset\s*[-+]?\s*|\[\s*|\[[^][]*:\s*){_NUMBER}", re.IGNORECASE)
"""Numbers that stand for durations, in seconds."""
_LONGEST_SPAN = 1e12
_INSTANT = re.compile(r"tv_sec: (-?\d+),\s*tv_nsec: (\d+)")


def parse(text: str) -> Node:
    """Read an expression. Raises `QueryError` where it is none, `Unsupported` where it asks for native histograms."""
    return _remembered(text) if len(text) <= _CACHED else _parse(text)


@functools.lru_cache(maxsize=1024)
def _remembered(text: str) -> Node:
    return _parse(text)


def _parse(text: str) -> Node:
    import promql_parser

    _refuse_monsters(text)
    try:
        return _convert(promql_parser.parse(decode_byte_escapes(text)))
    except QueryError as error:
        if not error.expression:
            error.expression = text
        raise
    except RecursionError:
        raise ParseError("the expression has too many nested operators", text) from None
    except UnicodeEncodeError:
        raise ParseError("the expression holds half of a character", text) from None
    except (ValueError, OverflowError) as error:
        raise ParseError(shorten(str(error), _LONGEST_WORDS), text) from None
    except BaseException as error:
        # The parser panics at numbers that its types do not hold, and its panic is no `Exception`.
        if type(error).__name__ != "PanicException":
            raise
        raise ParseError(str(error), text) from None


def _refuse_monsters(text: str) -> None:
    if len(text) > _LONGEST:
        raise QueryError(f"the expression is longer than {_LONGEST} characters", text)
    if len(text) > _MOST_OPERATORS and len(_OPERATORS.findall(_STRINGS.sub("", text))) > _MOST_OPERATORS:
        raise QueryError(f"the expression has more than {_MOST_OPERATORS} operators and parentheses", text)
    # At these the parser panics, and writes a backtrace over whatever is on the screen.
    for number in _SPANS.findall(_STRINGS.sub("", text)):
        if not float(number.replace("_", "")) <= _LONGEST_SPAN:
            raise ParseError(f"{shorten(number, 30)} seconds are no duration", text)


def _convert(parsed: Any) -> Node:
    return _CONVERTERS[type(parsed).__name__](parsed)


def _paren(parsed: Any) -> Node:
    return _convert(parsed.expr)


def _number(parsed: Any) -> Node:
    return nodes.Number(float(parsed.val), parsed=parsed)


def _string(parsed: Any) -> Node:
    return nodes.String(parsed.val, parsed=parsed)


def _selector(parsed: Any) -> nodes.Selector:
    found = parsed.matchers
    if found.or_matchers:
        raise QueryError(
            "`or` between matchers is not PromQL; use a regular expression or the operator `or`", str(parsed)
        )
    matchers = [_matcher(m) for m in found.matchers]
    if parsed.name is not None:
        matchers.insert(0, Matcher("__name__", MatchOp.EQUAL, parsed.name))
    return nodes.Selector(tuple(matchers), _duration(parsed.offset), _at(parsed), parsed=parsed)


def _matcher(parsed: Any) -> Matcher:
    return Matcher(parsed.name, _MATCH_OPS[str(parsed.op).rpartition(".")[2]], parsed.value)


_MATCH_OPS = {
    "Equal": MatchOp.EQUAL,
    "NotEqual": MatchOp.NOT_EQUAL,
    "Re": MatchOp.REGEX,
    "NotRe": MatchOp.NOT_REGEX,
}


def _range_selector(parsed: Any) -> Node:
    return nodes.RangeSelector(_selector(parsed.vector_selector), _range(parsed), parsed=parsed)


def _subquery(parsed: Any) -> Node:
    step = None if parsed.step is None else _duration(parsed.step)
    return nodes.Subquery(
        _convert(parsed.expr), _range(parsed), step, _duration(parsed.offset), _at(parsed), parsed=parsed
    )


def _range(parsed: Any) -> int:
    milliseconds = _duration(parsed.range)
    if milliseconds <= 0:
        raise QueryError("duration must be greater than 0", str(parsed))
    return milliseconds


def _duration(value: timedelta | None) -> int:
    return 0 if value is None else value // timedelta(milliseconds=1)


def _at(parsed: Any) -> int | nodes.Anchor | None:
    if parsed.at is None:
        return None
    match str(parsed.at.type).rpartition(".")[2]:
        case "Start":
            return nodes.Anchor.START
        case "End":
            return nodes.Anchor.END
        case _:
            # The parser's own attribute panics at times before 1970; what it prints for debugging does not. The last
            # instant printed is the modifier's own, those before it belong to parts of a subquery.
            seconds, nanoseconds = _INSTANT.findall(repr(parsed))[-1]
            if abs(int(seconds)) > FARTHEST:
                raise QueryError(f"timestamp out of bounds for @ modifier: {seconds}", str(parsed))
            return int(seconds) * 1000 + round(int(nanoseconds) / 1e6)


def _negation(parsed: Any) -> Node:
    return nodes.Negation(_convert(parsed.expr), parsed=parsed)


def _call(parsed: Any) -> Node:
    name = parsed.func.name
    if name in NATIVE_ONLY:
        raise Unsupported(f"{name}() works on native histograms only, and these are not supported", str(parsed))
    returns = _KINDS[str(parsed.func.return_type).rpartition(".")[2]]
    return nodes.Call(name, tuple(_convert(a) for a in parsed.args), returns, parsed=parsed)


_KINDS = {
    "Vector": nodes.Kind.VECTOR,
    "Scalar": nodes.Kind.SCALAR,
    "Matrix": nodes.Kind.MATRIX,
    "String": nodes.Kind.STRING,
}


def _aggregate(parsed: Any) -> Node:
    modifier = parsed.modifier
    grouping = nodes.Grouping()
    if modifier is not None:
        grouping = nodes.Grouping(tuple(modifier.labels), str(modifier.type).endswith("Without"))
    param = None if parsed.param is None else _convert(parsed.param)
    return nodes.Aggregate(str(parsed.op), _convert(parsed.expr), param, grouping, parsed=parsed)


def _binary(parsed: Any) -> Node:
    left, right = _convert(parsed.lhs), _convert(parsed.rhs)
    modifier = parsed.modifier
    if modifier is None:
        return nodes.Binary(str(parsed.op), left, right, False, nodes.Matching(), parsed=parsed)
    matching = nodes.Matching(
        _CARDINALITIES.get(str(modifier.card).rpartition(".")[2], nodes.Cardinality.ONE_TO_ONE),
        tuple(modifier.matching.labels) if modifier.matching is not None else (),
        modifier.matching is None or str(modifier.matching.type).endswith("Exclude"),
        tuple(modifier.group_labels or ()),
        modifier.fill_values.lhs,
        modifier.fill_values.rhs,
    )
    return nodes.Binary(str(parsed.op), left, right, modifier.return_bool, matching, parsed=parsed)


_CARDINALITIES = {
    "ManyToOne": nodes.Cardinality.MANY_TO_ONE,
    "OneToMany": nodes.Cardinality.ONE_TO_MANY,
}

_CONVERTERS = {
    "ParenExpr": _paren,
    "NumberLiteral": _number,
    "StringLiteral": _string,
    "VectorSelector": _selector,
    "MatrixSelector": _range_selector,
    "SubqueryExpr": _subquery,
    "UnaryExpr": _negation,
    "Call": _call,
    "AggregateExpr": _aggregate,
    "BinaryExpr": _binary,
}
