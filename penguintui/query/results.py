"""What a query answers: a vector, a scalar, a text or a matrix.

`data()` of each is the `data` object of Prometheus' HTTP API (its documentation, "Expression query result formats").
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from penguintui.model.record import record
from penguintui.query.language.floats import format_sample


@record
class Answer:
    """What all answers have: what the engine has to say about them, in sentences."""

    warnings: tuple[str, ...] = field(default=(), kw_only=True)
    infos: tuple[str, ...] = field(default=(), kw_only=True)


@record
class VectorSample:
    """One series' value at the moment that was asked for."""

    labels: Mapping[str, str]
    value: float


@record
class Vector(Answer):
    """At most one value for each series, all `at` the same moment (seconds since 1970)."""

    samples: tuple[VectorSample, ...]
    at: float = 0.0

    def data(self) -> dict[str, Any]:
        result = [{"metric": dict(s.labels), "value": [self.at, format_sample(s.value)]} for s in self.samples]
        return {"resultType": "vector", "result": result}


@record
class Scalar(Answer):
    """A number without labels."""

    value: float
    at: float = 0.0

    def data(self) -> dict[str, Any]:
        return {"resultType": "scalar", "result": [self.at, format_sample(self.value)]}


@record
class Text(Answer):
    """A string."""

    value: str
    at: float = 0.0

    def data(self) -> dict[str, Any]:
        return {"resultType": "string", "result": [self.at, self.value]}


@record
class MatrixSeries:
    """One series' values over time. Only points that exist; a NaN among the values is a value that is not a number."""

    labels: Mapping[str, str]
    times: Sequence[float]
    values: Sequence[float]


@record
class Matrix(Answer):
    """Several values for each series: a range query's answer, or the samples of a range selector."""

    series: tuple[MatrixSeries, ...]

    def data(self) -> dict[str, Any]:
        result = [
            {
                "metric": dict(s.labels),
                "values": [[t, format_sample(v)] for t, v in zip(s.times, s.values, strict=True)],
            }
            for s in self.series
        ]
        return {"resultType": "matrix", "result": result}


Result = Vector | Scalar | Text | Matrix
