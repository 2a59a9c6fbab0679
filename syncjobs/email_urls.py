"""Addresses of *Customers without e-mail*, at admin/syncjobs/emails/."""

from django.urls import path

from syncjobs import email_views as views

app_name = "emails"
urlpatterns = [
    path("", views.page, name="page"),
    path("<int:pk>/fill/", views.fill, name="fill"),
]
