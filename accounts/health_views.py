"""Doors of notices, expiries and health: check who may, call a service, say what happened."""

from django.contrib import admin, messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts import delivering, expiries, health, notice_page, notices, team_channel
from accounts.clients import seams
from accounts.health_forms import ExpiryForm, TeamChannelForm
from accounts.models import Connection, Expiry, HealthRun, User
from accounts.roles import may, roles_of
from accounts.views import changing
from zbridge.zoho.secret import Secret


def _reader(request: HttpRequest) -> User:
    """Whoever has a role."""
    if not isinstance(request.user, User) or not roles_of(request.user):
        raise PermissionDenied
    return request.user


def _page(request: HttpRequest, template: str, found: dict[str, object], status: int = 200) -> HttpResponse:
    return render(request, template, {**admin.site.each_context(request), **found}, status=status)


@login_required
@require_GET
def notices_page(request: HttpRequest) -> HttpResponse:
    """What this person was told."""
    user = _reader(request)
    found = notice_page.notice_page(user, everything=request.GET.get("show") == "all")
    return _page(request, "admin/accounts/notices.html", found)


@login_required
@require_POST
def seen(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Mark one of her notices, or all, as seen."""
    count = notices.mark_seen(_reader(request), seams().clock.now(), pk)
    messages.success(request, f"{count} notice{'' if count == 1 else 's'} marked as seen.")
    return redirect("health:notices")


@login_required
@require_POST
def mail(request: HttpRequest) -> HttpResponse:
    """Switch her own mails on or off."""
    user, wanted = _reader(request), request.POST.get("mail") == "yes"
    User.objects.filter(pk=user.pk).update(mail_notices=wanted)
    messages.success(request, "Notices also come by e-mail." if wanted else "Notices stay here; no mail comes.")
    return redirect("health:notices")


@changing("connect")
def channel(request: HttpRequest) -> HttpResponse:
    """Keep or forget the team channel's address."""
    form = TeamChannelForm(request.POST)
    wanted = form.cleaned_data["url"] if form.is_valid() else Secret("")
    try:
        messages.success(request, team_channel.keep(wanted, _reader(request), seams().clock))
    except team_channel.NotAllowed as refusal:
        messages.error(request, str(refusal))
    return redirect("health:notices")


@changing("connect")
def test_notice(request: HttpRequest) -> HttpResponse:
    """One notice to RevOps through every channel, to see that they work."""
    user, clock = _reader(request), seams().clock
    text = f"{user} asked for this test. If you read it, this way works; nothing needs to be done."
    notices.tell(None, f"test:{clock.now():%Y%m%d%H%M%S}", "A test notice", text, role="revops", clock=clock)
    messages.success(request, "The test is on its way: the list below says how each delivery ended.")
    return redirect("health:notices")


@changing("connect")
def notices_again(request: HttpRequest) -> HttpResponse:
    """Send once more what was given up."""
    messages.success(request, delivering.try_again(_reader(request), seams().clock))
    return redirect("health:notices")


@changing("connect")
def check_now(request: HttpRequest, pk: int) -> HttpResponse:
    """The health run on demand."""
    connection = get_object_or_404(Connection, pk=pk)
    if connection.state == Connection.State.DRAFT:
        raise PermissionDenied
    runs = health.check(connection, "person", seams())
    failed = [str(run) for run in runs if run.state != HealthRun.State.OK]
    if failed:
        messages.error(request, " ".join(failed))
    else:
        messages.success(
            request, f"All {len(runs)} systems are well; {sum(run.calls for run in runs)} calls were made."
        )
    return redirect("connection:page", pk=pk)


@changing("connect")
def expiry_done(request: HttpRequest, pk: int) -> HttpResponse:
    """No longer needed."""
    row = get_object_or_404(Expiry, pk=pk)
    expiries.mark_done(row, _reader(request), seams().clock)
    messages.success(request, f"{row} needs nobody any more; no reminder comes.")
    return redirect("admin:accounts_expiry_changelist")


@login_required
def expiry(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change an expiry."""
    if not may(request.user, "connect"):
        raise PermissionDenied
    row = get_object_or_404(Expiry, pk=pk) if pk else Expiry()
    form = ExpiryForm(request.POST or None, instance=row)
    if request.method == "POST" and form.is_valid():
        kept = expiries.keep(row, form.cleaned_data, _reader(request), seams().clock)
        left = expiries.in_words(expiries.days_left(kept, seams().clock))
        messages.success(request, f"{kept} ends {left}; RevOps is told 30, 7 and 1 days before.")
        return redirect("admin:accounts_expiry_changelist")
    title = f"Change {row}" if pk else "Add something that ends"
    status = 400 if request.method == "POST" else 200
    found = {"title": title, "form": form, "row": row if pk else None}
    return _page(request, "admin/accounts/expiry.html", found, status)


@login_required
@require_GET
def calendar(request: HttpRequest) -> HttpResponse:
    """All expiries that still need somebody, for a calendar."""
    if not request.user.has_perm("accounts.view_expiry"):
        raise PermissionDenied
    text = expiries.calendar(Expiry.objects.filter(done_at=None), seams().clock.now())
    answer = HttpResponse(text, content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="zbridge-expiries.ics"'
    return answer
