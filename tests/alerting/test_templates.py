"""Templates of labels and annotations: what Go's templates and Prometheus' functions make of them.

The expected texts were compared with promtool's.
"""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from penguintui.alerting.templateparts import TemplateError
from penguintui.alerting.templates import Subject, asks, check_template, expand, varies
from penguintui.alerting.templatewords import QueriedSample
from penguintui.query.errors import QueryError

LABELS = {"__name__": "m", "a": "x:9100", "b": "y"}


def ask(expr: str) -> Sequence[QueriedSample]:
    known = {
        "m": [QueriedSample(LABELS, 1.5)],
        "n": [QueriedSample({"z": "b"}, 1.0), QueriedSample({"z": "a"}, 2.0)],
        "none": [],
    }
    if expr not in known:
        raise QueryError("no such query", expr)
    return known[expr]


def made(text: str, value: float = 1.5) -> str:
    return expand(text, Subject(LABELS, value, {"site": "eq"}, "http://ex/p"), ask, "__alert_A")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("plain } text", "plain } text"),
        ("{{ $labels.missing }}|{{ $labels.a | toUpper }}", "|X:9100"),
        ("{{$value}} {{ 1 }} {{ 2.0 }} {{ $labels }} {{ .Labels.b }}", "1.5 1 2 map[__name__:m a:x:9100 b:y] y"),
        (
            "{{ $externalLabels.site }} {{ $externalURL }} {{ externalURL }} {{ pathPrefix }}",
            "eq http://ex/p http://ex/p /p",
        ),
        ("{{ if gt $value 1.0 }}yes{{ else }}no{{ end }}", "yes"),
        ("{{ if and (gt $value 1.0) (lt $value 2.0) }}in{{ else if eq 1 1 }}other{{ end }}", "in"),
        ("{{ if lt $value 1.0 }}in{{ else if eq 1 1 }}other{{ else }}none{{ end }}", "other"),
        (
            '{{ printf "%d" $value }} {{ printf "%5.2f|%-5s|%q|%v|%x|%t" $value "a" "b" true 10 true }}',
            '%!d(float64=1.5)  1.50|a    |"b"|true|a|true',
        ),
        ('{{ printf "%5d|%-5d|%05d|%+d|%s|%8.3f|%%" 3 3 3 3 }}', "    3|3    |00003|+3|%!s(MISSING)|%!f(MISSING)|%"),
        ('{{ printf "x" 1 }}', "x%!(EXTRA int=1)"),
        ('{{ query "m" | first | value | humanize }}', "1.5"),
        ('{{ range query "n" }}{{ .Labels.z }}={{ .Value }} {{ end }}', "b=1 a=2 "),
        ('{{ range query "none" }}a{{ else }}none{{ end }}', "none"),
        ('{{ range $i, $e := query "n" }}{{ if $i }}, {{ end }}{{ $e.Labels.z }}{{ end }}', "b, a"),
        ('{{ range $i, $e := query "n" }}{{ if $i }}{{ break }}{{ end }}{{ $i }}{{ end }}', "0"),
        ('{{ range sortByLabel "z" (query "n") }}{{ .Labels.z }}{{ end }}', "ab"),
        ('{{ label "a" (query "m" | first) }}{{ (query "m" | first).Value }}', "x:91001.5"),
        ("{{ range $k, $v := $labels }}{{ $k }}={{ $v }},{{ end }}", "__name__=m,a=x:9100,b=y,"),
        ('{{ $labels.a | reReplaceAll "(.*):(.*)" "${2}-$1" }} {{ "foo bar" | title }}', "9100-x Foo Bar"),
        ("{{- /* c */ -}} {{ with $x := 5 }}{{ $x }}{{ end }}", "5"),
        ('a\n {{- " b " -}} \n c', "a b c"),
        ('{{ html "<a>" }} {{ urlquery "a b&c" }} {{ js "it\'s" }}', r"&lt;a&gt; a+b%26c it\'s"),
        (
            '{{ eq $labels.b "y" "z" }} {{ and 1 0 "x" }} {{ or 0 "q" }} {{ not 0 }} {{ slice "abcdef" 1 3 }}',
            "true 0 q true bc",
        ),
        ('{{ print 1 2 "a" "b" 3 }}', "1 2ab3"),
        ('{{ index $labels "b" }}{{ index $labels "zz" }}{{ len $labels }}{{ len "hé" }}', "y33"),
        (
            '{{ toTime 1435065584.128 }} {{ (toTime 1e9).Format "Mon Jan _2 15:04:05.000 2006" }}',
            "2015-06-23 13:19:44.128 +0000 UTC Sun Sep  9 01:46:40.000 2001",
        ),
        (
            "{{ (toTime 1435065584.5).Year }} {{ (1e9 | toTime).UTC.Unix }} {{ with toTime 0 }}{{ .Weekday }}{{ end }}",
            "2015 1000000000 Thursday",
        ),
        ("{{ toDuration 5400.5 }} {{ toDuration 0.0015 }} {{ (toDuration -90).Minutes }}", "1h30m0.5s 1.5ms -1.5"),
        (
            '{{ toDuration "90" | humanizeDuration }} {{ humanizeTimestamp 0.5 }}',
            "1m 30s 1970-01-01 00:00:00.5 +0000 UTC",
        ),
        ('{{ toUpper "abcß" }} {{ printf "%#v|% x|%s" "x" "hi" nil }}', 'ABCß "x"|68 69|%!s(<nil>)'),
        ("{{ range 3 }}{{ . }}{{ end }}{{ range $i := 2 }}{{ $i }}{{ end }}", "01201"),
        ("{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}", "2"),
        ("{{ 'a' }} {{ 0x1F }} {{ 1e3 }} {{ 1_000 }} {{ -1 }}", "97 31 1000 1000 -1"),
        ('{{ define "x" }}hi {{ . }}{{ end }}{{ template "x" 3 }}', "hi 3"),
        ('{{ stripPort "[::1]:80" }} {{ stripPort "a.b:80" }}', "::1 a.b"),
        ('{{ stripDomain "a.b.c:80" }} {{ stripDomain "10.0.0.1:80" }}', "a:80 10.0.0.1:80"),
        (
            '{{ graphLink "up > 1" }} {{ tableLink "up" }}',
            "/graph?g0.expr=up+%3E+1&g0.tab=0 /graph?g0.expr=up&g0.tab=1",
        ),
        ('{{ match "a.*" "bab" }} {{ toLower "ABC" }} {{ parseDuration "1h" }}', "true abc 3600"),
        ('{{ args 1 2 }} {{ print nil }}|{{ print }}|{{ "{{" }}', "map[arg0:1 arg1:2] <nil>||{{"),
        ('{{ printf "%d %d" 2 1 }} {{ 1 | printf "%d %d" 2 }}', "2 1 2 1"),
        ('{{ title "it\'s über-gross a_b – c" }}', "It'S Über-Gross A_b – C"),
        ('{{ block "b" $value }}<{{ . }}>{{ end }} {{ template "b" 2 }}', "<1.5> <2>"),
        ('{{ define "d" }} {{ end }}{{ define "d" }}x{{ end }}{{ template "d" }}', "x"),
        ('{{ printf "% d|% 5d|%U|%*d|%-*d|%.*f" 5 5 65 4 7 4 7 1 2.25 }}', " 5|    5|U+0041|   7|7   |2.2"),
        ('{{ printf "%[2]d %[1]d %[3]d" 1 2 }}', "2 1 %!d(BADINDEX)"),
        ('{{ printf "%#x %#o %x %6.3v" 255 8 -255 3.14159 }}', "0xff 010 -ff   3.14"),
    ],
)
def test_expansion(text: str, wanted: str) -> None:
    assert made(text) == wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (0.0, "0|0|0|0s|0%|1970-01-01 00:00:00 +0000 UTC"),
        (1234567.0, "1.234567e+06|1.235M|1.177Mi|14d 6h 56m 7s|1.235e+08%|1970-01-15 06:56:07 +0000 UTC"),
        (0.00012345, "0.00012345|123.4u|0.0001234|123.4us|0.01234%|1970-01-01 00:00:00 +0000 UTC"),
        (-2500.0, "-2500|-2.5k|-2.441ki|-41m 40s|-2.5e+05%|1969-12-31 23:18:20 +0000 UTC"),
        (100000.0, "100000|100k|97.66ki|1d 3h 46m 40s|1e+07%|1970-01-02 03:46:40 +0000 UTC"),
        (59.9999, "59.9999|60|60|60s|6000%|1970-01-01 00:00:59.999 +0000 UTC"),
        (3661.5, "3661.5|3.662k|3.576ki|1h 1m 1s|3.662e+05%|1970-01-01 01:01:01.5 +0000 UTC"),
        (float("nan"), "NaN|NaN|NaN|NaN|NaN%|NaN"),
        (float("inf"), "+Inf|+Inf|+Inf|+Inf|+Inf%|+Inf"),
    ],
)
def test_numbers_for_people(value: float, wanted: str) -> None:
    words = ["humanize", "humanize1024", "humanizeDuration", "humanizePercentage", "humanizeTimestamp"]
    assert made("{{ $value }}|" + "|".join(f"{{{{ {word} $value }}}}" for word in words), value) == wanted


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ if gt $value 1 }}y{{ end }}", "error calling gt: incompatible types for comparison"),
        ('{{ "a" | first }}', "wrong type for value"),
        ('{{ query "none" | first }}', "first() called on vector with no elements"),
        ('{{ query "sum(" }}', "error calling query: no such query"),
        ("{{ humanize true }}", "can't convert bool to float"),
        ("{{ $labels.missing | humanize }}", "is no number"),
        ("{{ .Foo }}", "can't evaluate field Foo"),
        ("{{ $labels.a.b }}", "can't evaluate field b"),
        ('{{ index (query "n") 9 }}', "index out of range: 9"),
        ('{{ template "x" }}', '"x" not defined'),
        ("{{ nil }}", "nil is not a command"),
        ("{{ toUpper 3 }}", "expected string; found 3"),
        ("{{ toUpper }}", "wrong number of args"),
        ("{{ pathPrefix 1 }}", "wrong number of args for pathPrefix"),
        ("{{ (toTime 1).Year 2 }}", "wrong number of args for Year"),
        ("{{ (toTime 1).Century }}", "can't evaluate field Century in type *time.Time"),
        ("{{ .Value 5 }}", "Value has arguments but cannot be invoked as function"),
        ("{{ $value 1 }}", "can't give argument to non-function"),
        ('{{ reReplaceAll "(" "" "a" }}', "invalid regular expression"),
        ('{{ define "x" }}{{ template "x" }}{{ end }}{{ template "x" }}', "without end"),
    ],
)
def test_failures_are_said_in_the_text(text: str, reason: str) -> None:
    found = made(text)
    assert found.startswith("<error expanding template: error executing template __alert_A: ")
    assert reason in found


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{{ nosuch }}", 'function "nosuch" not defined'),
        ("{{ $foo }}", 'undefined variable "$foo"'),
        ("{{ '11' }}", "is no constant"),
        ("{{ if true }}{{ $y := 1 }}{{ end }}{{ $y }}", 'undefined variable "$y"'),
        ("{{ $labels.a", "unclosed action"),
        ("{{ end }}", "unexpected {{end}}"),
        ("{{ if true }}", "without its {{end}}"),
        ("{{ break }}", "outside {{range}}"),
        ('{{ block "b" 1 }}', "{{block}} without its {{end}}"),
        ('{{ define "d" }}1{{ end }}{{ block "d" 1 }}2{{ end }}', 'multiple definition of template "d"'),
        ("{{ 1 | 2 }}", "non executable command"),
        ("{{ (1 }}", "unclosed left parenthesis"),
        ("{{ }}", "missing value for command"),
        ("{{ ! }}", "unexpected '!"),
        ("x" * 70_000, "longer than"),
    ],
)
def test_templates_that_cannot_be_read(text: str, reason: str) -> None:
    with pytest.raises(TemplateError) as caught:
        check_template(text)
    assert reason in str(caught.value)


def test_bounds() -> None:
    many = "{{ range $labels }}" * 12 + "x" + "{{ end }}" * 12
    assert "takes more than" in made(many)


def test_what_depends_on_the_value() -> None:
    assert varies("{{ $value }}")
    assert varies("{{ .Value }}")
    assert varies('{{ query "m" }}')
    assert not varies("{{ $labels.Values }} value")
    assert asks('{{ with query "m" }}{{ end }}')
    assert not asks("{{ $labels.query }}")


@given(st.text(alphabet="{}- $.|:=()\"`'a1labelsvalueifrangeendwith/*", max_size=60), st.floats())
def test_any_text_is_an_answer(text: str, value: float) -> None:
    assert isinstance(made("{{" + text + "}}", value), str)
