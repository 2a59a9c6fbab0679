"""The words of matching: thresholds, verdicts and pairs."""

from dataclasses import dataclass, replace
from enum import StrEnum


class MatchVerdict(StrEnum):
    """Certain: linked without a person. Likely: shown to a person. Possible: where nothing better is. No: not shown."""

    CERTAIN = "certain"
    LIKELY = "likely"
    POSSIBLE = "possible"
    NO = "no"


# Whom these verdicts join are one group.
ALIKE = frozenset({MatchVerdict.CERTAIN, MatchVerdict.LIKELY})


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From which score (0..1) a pair is certain, likely, possible; certain is never below likely.

    Without `possible` nothing is shown that isn't likely.
    """

    certain: float
    likely: float
    possible: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.likely <= self.certain <= 1:
            raise ValueError(
                "The score for likely must lie above 0 and not above the one for certain, which is at most 1."
            )
        if not 0 < self.possible <= 1:
            raise ValueError("The score for possible must lie above 0 and be at most 1.")

    @property
    def shown(self) -> float:
        """From here on a person sees it."""
        return min(self.likely, self.possible)

    def and_possible(self) -> "Thresholds":
        """The same, and the shipped one for possible."""
        return replace(self, possible=POSSIBLE)


# One in fifty; a person who looks at three for each finds it worth while where nothing better is there.
POSSIBLE = 0.02
SHIPPED = Thresholds(certain=0.95, likely=0.5, possible=POSSIBLE)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parties by their ids, how likely they are the same (0..1), and why a person might think so."""

    left: str
    right: str
    score: float
    verdict: MatchVerdict
    reasons: tuple[str, ...]
