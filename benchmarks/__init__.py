"""Measurements of what was promised: `python -m benchmarks [NAME…]`, or `make bench`. Results: RESULTS.md.

Each module measures one thing and says in its docstring which promise it measures. Ratios are taken side by side in
one run, since machines differ and are busy; every number is the median of several runs. Never part of the tests.
"""
