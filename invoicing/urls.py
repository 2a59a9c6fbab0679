"""Addresses of the document pages, to be included at admin/invoicing/ before the admin's own lists."""

from django.urls import path

from invoicing import (
    account_views,
    conversion_views,
    invoice_views,
    money_views,
    part_views,
    proof_views,
    review_views,
    views,
)

app_name = "documents"
urlpatterns = [
    path("deal/convert/", views.plan, name="plan"),
    path("deal/convert/create/", views.create_planned, name="create_planned"),
    path("deal/<int:pk>/", views.deal, name="deal"),
    path("deal/<int:pk>/draft/", views.draft, name="draft"),
    path("deal/<int:pk>/check/", views.check_again, name="check"),
    path("deal/<int:pk>/link/", views.link_product, name="link"),
    path("deal/<int:pk>/ask/", views.ask, name="ask"),
    path("deal/<int:pk>/answer/", views.answer, name="answer"),
    path("deal/<int:pk>/part/", part_views.bill, name="bill_part"),
    path("deal/<int:pk>/not-billable/", part_views.not_billable, name="not_billable"),
    path("deal/<int:pk>/billable/", part_views.billable, name="billable"),
    path("deal/<int:pk>/attach/", views.attach, name="attach"),
    path("conversion/<int:pk>/", conversion_views.conversion, name="conversion"),
    path("conversion/<int:pk>/progress/", conversion_views.progress, name="progress"),
    path("conversion/<int:pk>/customer/", conversion_views.choose_customer, name="customer"),
    path("conversion/<int:pk>/create/", conversion_views.create_anyway, name="create"),
    path("conversion/<int:pk>/look/", conversion_views.look_again, name="look"),
    path("conversion/<int:pk>/existing/", conversion_views.link_existing, name="link_existing"),
    path("conversion/<int:pk>/giveup/", conversion_views.give_up, name="give_up"),
    path("conversion/<int:pk>/cancel/", conversion_views.cancel, name="cancel"),
    path("conversion/<int:pk>/again/", conversion_views.bill_again, name="again"),
    path("conversion/<int:pk>/agree/", conversion_views.agree, name="agree"),
    path("conversion/<int:pk>/leave/", conversion_views.leave, name="leave"),
    path("conversion/<int:pk>/wrong/", conversion_views.wrong_draft, name="wrong"),
    path("conversion/<int:pk>/invoice/", conversion_views.check_invoice, name="check_invoice"),
    path("review/", review_views.drafts, name="review"),
    path("review/<int:pk>/wrong/", review_views.wrong, name="review_wrong"),
    path("quote/<int:pk>/", views.quote, name="quote"),
    path("account/<int:pk>/", account_views.account, name="account"),
    path("account/<int:pk>/refresh/", account_views.refresh, name="refresh_account"),
    path("payment/<int:pk>/", money_views.payment, name="payment"),
    path("creditnote/<int:pk>/", money_views.credit_note, name="creditnote"),
    path("proof/now/", proof_views.prove, name="prove"),
    path("invoice/<int:pk>/", invoice_views.invoice, name="invoice"),
    path("invoice/<int:pk>/refresh/", invoice_views.refresh, name="refresh_invoice"),
    path("invoice/<int:pk>/pdf/", invoice_views.pdf, name="invoice_pdf"),
]
