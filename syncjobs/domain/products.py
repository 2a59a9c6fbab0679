"""Which item a product may be: by SKU, by name, then by a name hardly different. A suggestion only; a person links."""

from collections.abc import Iterable
from dataclasses import dataclass

from syncjobs.domain.matching.evidence import Judge
from syncjobs.domain.matching.frequencies import Frequencies
from syncjobs.domain.matching.traits import Traits
from syncjobs.domain.records import PartyFacts, ProductFacts


@dataclass(frozen=True)
class Suggestion:
    item: ProductFacts
    reason: str


def suggest_item(product: ProductFacts, items: Iterable[ProductFacts]) -> Suggestion | None:
    """The one active item with the product's SKU, else with its name or its SKU as name, else of a name like it.

    None when there is none, or several of the surest kind.
    """
    active = sorted((item for item in items if item.active), key=lambda item: item.id)
    keys = {product.code_key, product.name_key.replace(" ", "")} - {""}
    by_code = [item for item in active if product.code_key and item.code_key == product.code_key]
    by_name = [item for item in active if item.name_key and item.name_key.replace(" ", "") in keys]
    alike = [] if by_code or by_name else _alike(product, active)
    for found, reason in ((by_code, "same SKU"), (by_name, "same name"), (alike, "name alike")):
        if len(found) == 1:
            return Suggestion(found[0], reason)
    return None


def _alike(product: ProductFacts, items: list[ProductFacts]) -> list[ProductFacts]:
    """Items whose names the matcher thinks the same; another word or number in each is another product."""
    mine, others = _traits(product), [_traits(item) for item in items]
    rare = Frequencies(2)
    rare.add([mine, *others])
    weighed = [(item, Judge(rare).weigh(mine, other)) for item, other in zip(items, others, strict=True)]
    return [item for item, evidence in weighed if evidence.reasons and evidence.bits >= 0 and not evidence.clash]


def _traits(product: ProductFacts) -> Traits:
    return Traits(PartyFacts(id=product.id, name=product.name, name_key=product.name_key))
