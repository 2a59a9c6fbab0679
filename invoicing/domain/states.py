"""When to look again after a lost answer. The states themselves are the model's; this is their arithmetic."""

from datetime import timedelta

_DELAYS = (5, 15, 60, 240)


def look_up_delay(looked: int) -> timedelta:
    """How long to wait before the next look when `looked` looks found nothing: 5, 15, 60, then 240 s."""
    return timedelta(seconds=_DELAYS[min(looked, len(_DELAYS) - 1)])
