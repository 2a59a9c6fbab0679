"""The words of matching: thresholds, verdicts and pairs."""

from dataclasses import dataclass
from enum import StrEnum


class MatchVerdict(StrEnum):
    """Certain: linked without a person. Likely: shown to a person. No: not shown."""

    CERTAIN = "certain"
    LIKELY = "likely"
    NO = "no"


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """From which score (0..1) a pair is certain and from which it is likely; certain is never below likely."""

    certain: float
    likely: float

    def __post_init__(self) -> None:
        if not 0 < self.likely <= self.certain <= 1:
            raise ValueError(
                "The score for likely must lie above 0 and not above the one for certain, which is at most 1."
            )


SHIPPED = Thresholds(certain=0.95, likely=0.5)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two parties by their ids, how likely they are the same (0..1), and why a person might think so."""

    left: str
    right: str
    score: float
    verdict: MatchVerdict
    reasons: tuple[str, ...]
