"""Addresses of the reports, to be included at admin/reports/."""

from django.urls import path

from invoicing.reports import views

app_name = "reports"
urlpatterns = [
    path("", views.index, name="index"),
    path("reconciliation/", views.reconciliation, name="reconciliation"),
    path("customer/<str:customer_id>/", views.customer, name="customer"),
    *(path(f"{one.name}/", views.shown(one), name=one.name) for one in views.REPORTS),
]
