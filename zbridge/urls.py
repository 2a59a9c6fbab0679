"""Every address of the site; the composed pages stand before the admin's own."""

from django.contrib import admin
from django.contrib.auth.views import LogoutView
from django.urls import include, path
from django.views.generic import RedirectView

from invoicing import views
from syncjobs import hook_doors
from syncjobs.views import read_now
from zbridge.site import (
    panels,  # noqa: F401  (puts the cards on Today)
    restored_views,
)
from zbridge.site.demo import become
from zbridge.site.healthz import healthz
from zbridge.site.login import HouseLogin

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("hooks/crm/<secret>/", hook_doors.crm),
    path("hooks/books/<secret>/", hook_doors.books),
    path("hooks/convert/<secret>/", hook_doors.convert),
    path("", RedirectView.as_view(url="/admin/")),
    path("admin/login/", HouseLogin.as_view(), name="account_login"),
    path("admin/login/", RedirectView.as_view(url="/admin/login/"), name="account_signup"),
    path("admin/login/", RedirectView.as_view(url="/admin/login/"), name="account_inactive"),
    path("admin/login/", RedirectView.as_view(url="/admin/login/"), name="account_reset_password"),
    path("admin/logout/", LogoutView.as_view()),
    path("admin/demo/<slug:username>/", become, name="become"),
    path("go/<str:kind>/<str:remote_id>/", views.go, name="go"),
    path("go/<str:kind>/<str:remote_id>", views.go),
    path("go/deal/<str:crm_id>/check/", views.check_unknown, name="check_unknown"),
    path("admin/accounts/", include("accounts.health_urls")),
    path("admin/accounts/export/", include("accounts.export_urls")),
    path("admin/accounts/retention/", include("accounts.retention_urls")),
    path("admin/accounts/connection/<int:pk>/restored/", restored_views.page, name="restored"),
    path("admin/accounts/connection/<int:pk>/restored/release/", restored_views.release, name="release"),
    path("admin/accounts/connection/<int:pk>/restored/explain/", restored_views.explain, name="explain"),
    path("admin/accounts/connection/", include("accounts.urls")),
    path("admin/syncjobs/", include("syncjobs.desk_urls")),
    path("admin/syncjobs/duplicate/", include("invoicing.duplicate_urls")),
    path("admin/syncjobs/link/", include("invoicing.link_urls")),
    path("admin/syncjobs/emails/", include("syncjobs.email_urls")),
    path("admin/syncjobs/who/", include("syncjobs.who_urls")),
    path("admin/syncjobs/import/", include("syncjobs.import_urls")),
    path("admin/syncjobs/gone/", include("syncjobs.gone_urls")),
    path("admin/syncjobs/schedule/", include("syncjobs.schedule_urls")),
    path("admin/syncjobs/hooks/", include("syncjobs.near_urls")),
    path("admin/syncjobs/failures/", include("syncjobs.failure_urls")),
    path("admin/syncjobs/mapping/", include("syncjobs.mapping_urls")),
    path("admin/syncjobs/run/read/", read_now, name="read_now"),
    path("admin/invoicing/", include("invoicing.urls")),
    path("admin/reports/", include("invoicing.reports.urls")),
    path("admin/", admin.site.urls),
]

handler403 = "zbridge.site.errors.forbidden"
handler404 = "zbridge.site.errors.not_found"
handler500 = "zbridge.site.errors.broken"
