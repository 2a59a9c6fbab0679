"""Faults are told on the small trade of the stories."""

from tests.stories.conftest import trade  # noqa: F401  (a fixture)
