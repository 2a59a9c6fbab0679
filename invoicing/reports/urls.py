"""Addresses of the reports, to be included at admin/reports/."""

from django.urls import path

from invoicing.reports import views
from invoicing.reports.files import REPORTS

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("reconciliation/", views.reconciliation, name="reconciliation"),
    path("customer/<str:customer_id>/", views.customer, name="customer"),
    path("reconciliation/export/", views.export("reconciliation"), name="export_reconciliation"),
    *(path(f"{one.name}/export/", views.export(one.name), name=f"export_{one.name}") for one in REPORTS),
    *(path(f"{one.name}/", views.shown(one), name=one.name) for one in REPORTS),
]
