"""CRM v8's addresses; every refusal takes the CRM's shape, every answer may carry the credits header."""

from collections.abc import Callable
from functools import wraps

from zbridge.simulator import crm_coql, crm_custom_fields, crm_reading, crm_search, crm_settings, crm_watch, crm_writing
from zbridge.simulator.app import Endpoint, Simulator
from zbridge.simulator.crm_envelope import Refusal, with_credits
from zbridge.simulator.wire import Request, Response

BASE = "/crm/v8"


def _guarded(endpoint: Callable[..., Response]) -> Endpoint:
    @wraps(endpoint)
    def answer(sim: Simulator, request: Request, **found: str) -> Response:
        try:
            return with_credits(sim, endpoint(sim, request, **found))
        except Refusal as refusal:
            return with_credits(sim, refusal.response())

    return answer


_ROUTES: tuple[tuple[str, str, Callable[..., Response]], ...] = (
    ("GET", "/org", crm_settings.organisation),
    ("GET", "/users", crm_settings.users),
    ("GET", "/org/currencies", crm_settings.currencies),
    ("GET", "/org/taxes", crm_settings.taxes),
    ("GET", "/settings/modules", crm_settings.modules),
    ("GET", "/settings/modules/<name>", crm_settings.modules),
    ("GET", "/settings/fields", crm_settings.fields),
    ("POST", "/settings/fields", crm_custom_fields.create_fields),
    ("GET", "/settings/fields/<id>", crm_settings.fields),
    ("GET", "/settings/layouts", crm_settings.layouts),
    ("GET", "/settings/pipeline", crm_settings.pipeline),
    ("GET", "/settings/related_lists", crm_settings.related_lists),
    ("POST", "/coql", crm_coql.coql),
    ("POST", "/actions/watch", crm_watch.watch),
    ("PUT", "/actions/watch", crm_watch.rewatch),
    ("PATCH", "/actions/watch", crm_watch.renew),
    ("GET", "/actions/watch", crm_watch.listed),
    ("DELETE", "/actions/watch", crm_watch.unwatch),
    ("GET", "/<module>", crm_reading.list_records),
    ("POST", "/<module>", crm_writing.insert),
    ("PUT", "/<module>", crm_writing.update),
    ("DELETE", "/<module>", crm_writing.delete),
    ("POST", "/<module>/upsert", crm_writing.upsert),
    ("GET", "/<module>/search", crm_search.search),
    ("GET", "/<module>/deleted", crm_reading.deleted),
    ("GET", "/<module>/actions/count", crm_search.count),
    ("GET", "/<module>/<id>", crm_reading.one_record),
    ("PUT", "/<module>/<id>", crm_writing.update),
    ("DELETE", "/<module>/<id>", crm_writing.delete),
    ("POST", "/<module>/<id>/actions/clone", crm_writing.clone),
    ("GET", "/<module>/<id>/<list_name>", crm_reading.related),
    ("PUT", "/<module>/<id>/<list_name>", crm_writing.link),
    ("DELETE", "/<module>/<id>/<list_name>", crm_writing.unlink),
)
ROUTES = tuple((methods, BASE + path, _guarded(endpoint)) for methods, path, endpoint in _ROUTES)
