"""Addresses of the connection pages, to be included at admin/accounts/connection/ before the admin's own."""

from django.urls import path

from accounts import figure_views, quota_views, views
from accounts.selftest import views as self_test

app_name = "connection"
urlpatterns = [
    path("", views.listing, name="list"),
    path("new/", views.make, name="new"),
    path("simulator/", views.make_simulated, name="simulator"),
    path("callback/", views.callback, name="callback"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/client/", views.client, name="client"),
    path("<int:pk>/connect/", views.connect, name="connect"),
    path("<int:pk>/organisations/", views.list_again, name="organisations"),
    path("<int:pk>/organisation/", views.choose, name="choose"),
    path("<int:pk>/fields/", views.fields, name="fields"),
    path("<int:pk>/probe/", views.probe, name="probe"),
    path("<int:pk>/check/", views.check, name="check"),
    path("<int:pk>/settings/", views.keep, name="settings"),
    path("<int:pk>/writes/", views.writes, name="writes"),
    path("<int:pk>/figures/", figure_views.page, name="figures"),
    path("<int:pk>/figures/keep/", figure_views.keep, name="figures_keep"),
    path("<int:pk>/figures/create/", figure_views.create, name="figures_create"),
    path("<int:pk>/figures/read/", figure_views.read_again, name="figures_read"),
    path("calls/", quota_views.home, name="calls_home"),
    path("<int:pk>/calls/", quota_views.page, name="calls"),
    path("<int:pk>/calls/keep/", quota_views.keep, name="calls_keep"),
    path("summary/", views.summary_home, name="summary_home"),
    path("<int:pk>/summary/", views.how_sales_become_invoices, name="summary"),
    path("<int:pk>/self-test/", self_test.page, name="self_test"),
    path("<int:pk>/self-test/start/", self_test.start, name="self_test_start"),
    path("self-test/<int:pk>/go-on/", self_test.go_on, name="self_test_go_on"),
    path("self-test/<int:pk>/leave-out/", self_test.leave_out, name="self_test_leave_out"),
    path("self-test/<int:pk>/stop/", self_test.stop, name="self_test_stop"),
    path("self-test/<int:pk>/progress/", self_test.progress, name="self_test_progress"),
    path("self-test/<int:pk>/report.json", self_test.as_json, name="self_test_json"),
    path("self-test/<int:pk>/report.txt", self_test.as_readable_text, name="self_test_text"),
]
