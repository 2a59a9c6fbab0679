"""Old rows go: the log of calls after 90 days, the counts by the hour after 400; a few at a time, never all at once."""

from datetime import timedelta

from accounts.models import Exchange, Usage
from zbridge.clock import Clock

LOG_DAYS, COUNTS_DAYS = timedelta(days=90), timedelta(days=400)
AT_A_TIME = 1000


def purge(clock: Clock) -> int:
    """Delete the oldest of what is too old, at most so many of each; how many went."""
    now = clock.now()
    old = Exchange.objects.filter(started_at__lt=now - LOG_DAYS).order_by("started_at")
    counts = Usage.objects.filter(hour__lt=now - COUNTS_DAYS)
    gone, _ = Exchange.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:AT_A_TIME])).delete()
    counted, _ = Usage.objects.filter(pk__in=list(counts.values_list("pk", flat=True)[:AT_A_TIME])).delete()
    return gone + counted
