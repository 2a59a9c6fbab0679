"""Addresses of the document pages, to be included at admin/invoicing/ before the admin's own lists."""

from django.urls import path

from invoicing import proof_views, views

app_name = "documents"
urlpatterns = [
    path("deal/convert/", views.plan, name="plan"),
    path("deal/convert/create/", views.create_planned, name="create_planned"),
    path("deal/<int:pk>/", views.deal, name="deal"),
    path("deal/<int:pk>/draft/", views.draft, name="draft"),
    path("deal/<int:pk>/check/", views.check_again, name="check"),
    path("deal/<int:pk>/link/", views.link_product, name="link"),
    path("deal/<int:pk>/ask/", views.ask, name="ask"),
    path("deal/<int:pk>/attach/", views.attach, name="attach"),
    path("conversion/<int:pk>/", views.conversion, name="conversion"),
    path("conversion/<int:pk>/progress/", views.progress, name="progress"),
    path("conversion/<int:pk>/customer/", views.choose_customer, name="customer"),
    path("conversion/<int:pk>/create/", views.create_anyway, name="create"),
    path("conversion/<int:pk>/look/", views.look_again, name="look"),
    path("conversion/<int:pk>/cancel/", views.cancel, name="cancel"),
    path("quote/<int:pk>/", views.quote, name="quote"),
    path("account/<int:pk>/", views.account, name="account"),
    path("proof/now/", proof_views.prove, name="prove"),
    path("invoice/<int:pk>/", views.invoice, name="invoice"),
]
