"""Who is who: candidates by keys, scores with reasons, verdicts. Pure; the same code wherever two records are compared.

Called from before a customer is created, the first linking, the duplicates page, products and `manage.py match`.
"""

from syncjobs.domain.matching.clustering import clusters
from syncjobs.domain.matching.deciding import pairs, within
from syncjobs.domain.matching.index import MatchIndex
from syncjobs.domain.matching.verdicts import SHIPPED, MatchVerdict, Pair, Thresholds

__all__ = ["SHIPPED", "MatchIndex", "MatchVerdict", "Pair", "Thresholds", "clusters", "pairs", "within"]
