"""Hypothesis profiles for the pure rules: HYPOTHESIS_PROFILE = dev, ci (default) or deterministic."""

import os

from hypothesis import settings

settings.register_profile("dev", max_examples=20)
settings.register_profile("ci", max_examples=50, derandomize=True, deadline=None)
settings.register_profile("deterministic", max_examples=300, derandomize=True, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))
