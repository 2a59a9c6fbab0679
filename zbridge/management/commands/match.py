"""`manage.py match LEFT.csv RIGHT.csv --out PAIRS.csv`: who is who in two exports, before anything is connected."""

import gc
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from syncjobs.domain.matching import SHIPPED, MatchVerdict, Thresholds, pairs
from syncjobs.domain.matching.rows import COLUMNS
from zbridge.management.answers import USAGE
from zbridge.management.exported import BadList, parties_in, write_pairs

SEEN = (MatchVerdict.CERTAIN, MatchVerdict.LIKELY, MatchVerdict.POSSIBLE)


class Command(BaseCommand):
    help = f"Match two lists of parties; columns, any of: {', '.join(COLUMNS)}. Needs no database and no connection."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("left", type=Path, metavar="LEFT.csv")
        parser.add_argument("right", type=Path, metavar="RIGHT.csv")
        parser.add_argument("--out", type=Path, required=True, metavar="PAIRS.csv")
        parser.add_argument("--all", action="store_true", help="what was compared and is no pair stands there, too")
        parser.add_argument("--certain", type=float, default=SHIPPED.certain, help="score from which a pair is certain")
        parser.add_argument("--likely", type=float, default=SHIPPED.likely, help="score from which a pair is likely")
        shown = "score from which a pair is possible, where nothing better is there; 1 for none"
        parser.add_argument("--possible", type=float, default=SHIPPED.possible, help=shown)

    def handle(self, *args: object, **options: Any) -> None:
        left, right, out = options["left"], options["right"], options["out"]
        if out.exists() and any(one.exists() and out.samefile(one) for one in (left, right)):
            raise CommandError(f"--out {out} is one of the lists; name another file.", returncode=USAGE)
        # Millions of small values and no cycles: looking for garbage would cost a third of the time.
        gc.disable()
        try:
            thresholds = Thresholds(**{name: options[name] for name in ("certain", "likely", "possible")})
            lists = parties_in(left), parties_in(right)
            found = pairs(*lists, thresholds, every=options["all"])
            write_pairs(out, found)
        except (BadList, ValueError) as trouble:
            raise CommandError(str(trouble), returncode=USAGE) from trouble
        finally:
            gc.enable()
        sizes = f"{len(lists[0]):,} and {len(lists[1]):,} rows"
        counts = Counter(one.verdict for one in found)
        certain, likely, possible = (f"{counts[verdict]:,} {verdict}" for verdict in SEEN)
        self.stdout.write(f"{sizes}: {certain}, {likely} and {possible} pairs in {out}.")
