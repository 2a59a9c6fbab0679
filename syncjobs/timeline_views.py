"""The door to the story of one record."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from accounts.doors import looking, page, person, seen
from syncjobs import timeline
from syncjobs.models import Record
from syncjobs.words import SIDES


@looking
def story(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that happened to one account, contact, product, customer, item or person."""
    if not person(request).has_perm("syncjobs.view_link"):
        raise PermissionDenied
    record = seen(request, Record, pk=pk)
    return page(
        request, "admin/syncjobs/timeline.html", f"{record.name}: what happened", record=record,
        side=SIDES[timeline.side_of(record)], links=timeline.links_of(record), story=timeline.timeline(record),
    )  # fmt: skip
