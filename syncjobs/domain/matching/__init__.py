"""Who is who: candidates by keys, evidence with reasons, verdicts. Pure; the same code wherever two are compared.

Called before a customer is created, by the first linking, the duplicates page, products and `manage.py match`.
"""

from syncjobs.domain.matching.clustering import clusters
from syncjobs.domain.matching.index import MatchIndex
from syncjobs.domain.matching.linking import pairs, within
from syncjobs.domain.matching.verdicts import ALIKE, SHIPPED, MatchVerdict, Pair, Thresholds

__all__ = ["ALIKE", "SHIPPED", "MatchIndex", "MatchVerdict", "Pair", "Thresholds", "clusters", "pairs", "within"]
