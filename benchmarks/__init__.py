"""Measurements of typedws beside other libraries, on the same work: `python -m benchmarks`, see docs/benchmarks.md."""
