"""Addresses of notices, expiries and health, to be included at admin/accounts/ before the admin's own."""

from django.urls import path

from accounts import health_views

app_name = "health"
urlpatterns = [
    path("notices/", health_views.notices_page, name="notices"),
    path("notices/seen/", health_views.seen, name="seen_all"),
    path("notices/<int:pk>/seen/", health_views.seen, name="seen"),
    path("notices/mail/", health_views.mail, name="mail"),
    path("notices/channel/", health_views.channel, name="channel"),
    path("notices/again/", health_views.notices_again, name="notices_again"),
    path("notices/test/", health_views.test_notice, name="test"),
    path("connection/<int:pk>/health/", health_views.check_now, name="check"),
    path("expiry/new/", health_views.expiry, name="new_expiry"),
    path("expiry/<int:pk>/edit/", health_views.expiry, name="expiry"),
    path("expiry/<int:pk>/done/", health_views.expiry_done, name="expiry_done"),
    path("expiry/calendar.ics", health_views.calendar, name="calendar"),
]
