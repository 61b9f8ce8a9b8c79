"""Numbers as text, the way Prometheus writes and reads them."""

from __future__ import annotations

import math
from decimal import Decimal


def format_float(value: float) -> str:
    """The shortest decimal that reads back as the same number, never with an exponent (`count_values`, labels)."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    text = repr(float(value))
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def format_sample(value: float) -> str:
    """A sample's value as the HTTP API writes it: with an exponent below 1e-6 and from 1e21 on."""
    size = abs(value)
    if size == 0 or 1e-6 <= size < 1e21 or not math.isfinite(value):
        return format_float(value)
    return repr(float(value)).replace(".0e", "e")


def format_general(value: float) -> str:
    """The shortest form, with an exponent below 1e-4 and from 1e6 on: numbers in messages."""
    if value == 0 or not math.isfinite(value) or 1e-4 <= abs(value) < 1e6:
        return format_float(value)
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    power = int(exponent) + len(digits) - 1
    fraction = "".join(map(str, digits[1:]))
    return f"{'-' if sign else ''}{digits[0]}{'.' if fraction else ''}{fraction}e{power:+03d}"


def format_quantile(value: float) -> str:
    """A number as OpenMetrics writes it in a label (`quantile`, `le`): whole numbers keep a `.0`."""
    text = format_general(value)
    return text if "." in text or "e" in text or not math.isfinite(value) else f"{text}.0"


def parse_float(text: str) -> float | None:
    """The number that a label such as `le` holds, or None where it holds none."""
    if not text or "_" in text or text.strip() != text:
        return None
    try:
        return float.fromhex(text) if "p" in text.lower() else float(text)
    except (ValueError, OverflowError):
        return None
