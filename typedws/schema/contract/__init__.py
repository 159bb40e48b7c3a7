"""The contract of an API, as its client sees it: one intermediate form that every tool reads. Plain frozen data."""
