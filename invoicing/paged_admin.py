"""Lists whose rows lead to pages of our own."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.house_admin import HouseAdmin
from accounts.house_list import HouseList


class PageList(HouseList):
    """A list whose rows lead to pages of our own."""

    def url_for_result(self, result: Any) -> str:
        return reverse(self.model_admin.page, args=[result.pk])


class PagedAdmin(HouseAdmin):
    """A list whose rows have a page of their own; Django's form is not used."""

    page = ""

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[HouseList]:
        return PageList

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.row_or_404(request, int(object_id) if object_id.isdecimal() else 0)
        return redirect(self.page, pk=row.pk)
