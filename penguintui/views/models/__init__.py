"""The plain dataclasses that screens, plain output and JSON all show.

Whoever draws them draws text as it stands: numbers are formatted, times are written out, the worst comes first.
The raw number is always beside its text, for bars and charts. Nothing here reads, asks or decides.
"""
