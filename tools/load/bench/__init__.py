"""The bench: drives a running engine with the load programs, and measures. See tools/bench."""
