"""Benchmarks: calls of a conversion, time of a click, speed of reading, what storms leave behind."""
