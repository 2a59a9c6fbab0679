"""Which item a product may be: by SKU, then by name. A suggestion only; a person links."""

from collections.abc import Iterable
from dataclasses import dataclass

from syncjobs.domain.records import ProductFacts


@dataclass(frozen=True)
class Suggestion:
    item: ProductFacts
    reason: str


def suggest_item(product: ProductFacts, items: Iterable[ProductFacts]) -> Suggestion | None:
    """The one active item with the product's SKU, else with its name or its SKU as name; None when none or several."""
    active = sorted((item for item in items if item.active), key=lambda item: item.id)
    keys = {product.code_key, product.name_key.replace(" ", "")} - {""}
    by_code = [item for item in active if product.code_key and item.code_key == product.code_key]
    by_name = [item for item in active if item.name_key and item.name_key.replace(" ", "") in keys]
    for found, reason in ((by_code, "same SKU"), (by_name, "same name")):
        if len(found) == 1:
            return Suggestion(found[0], reason)
    return None
