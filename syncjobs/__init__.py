"""Keeping two records the same."""
