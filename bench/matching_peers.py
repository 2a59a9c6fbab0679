"""What else links records, on the same rows: exact keys, rapidfuzz, 3-gram TF-IDF, recordlinkage's ECM, splink.

Each answers scored pairs and the threshold that it, its documentation or common use takes where nobody sets one. Each
gets the columns that have values, e-mails and phones normalised as ours, so that none fails for spelling alone.
"""

import logging
import warnings
from collections import defaultdict
from collections.abc import Callable

from bench.matching_sets import MatchSet, Row
from syncjobs.domain.normalising import normal_email, normal_name, normal_phone

Scored = list[tuple[str, str, float]]


def text_of(one: Row) -> str:
    """All of a row in one line, lower case."""
    return " ".join(
        one[name] for name in ("name", "company", "email", "phone", "street", "city", "zip") if one[name]
    ).lower()


def _sides(set_: MatchSet) -> tuple[list[Row], list[Row]]:
    return set_.left, set_.left if set_.right is None else set_.right


def _ordered(set_: MatchSet, one: str, other: str) -> bool:
    """Inside one list each pair once."""
    return set_.right is not None or one < other


def exact(set_: MatchSet) -> tuple[Scored, float]:
    """The native rule: the same e-mail or the same name, letter for letter but for case."""
    left, right = _sides(set_)
    places = defaultdict(list)
    for one in right:
        for key in _exact_keys(one):
            places[key].append(one["id"])
    found = {(one["id"], other) for one in left for key in _exact_keys(one) for other in places[key]}
    return [(one, other, 1.0) for one, other in sorted(found) if _ordered(set_, one, other)], 0.5


def _exact_keys(one: Row) -> list[tuple[str, str]]:
    pairs = (("email", one["email"].strip().lower()), ("name", (one["company"] or one["name"]).strip().lower()))
    return [(kind, value) for kind, value in pairs if value]


def normalised(set_: MatchSet) -> tuple[Scored, float]:
    """The same after normalising as ours."""
    rows = [[_normal(one) for one in side] for side in (set_.left, set_.right or [])]
    return exact(MatchSet(set_.name, rows[0], None if set_.right is None else rows[1], set_.truth))


def _normal(one: Row) -> Row:
    names = {name: normal_name(one[name]) for name in ("name", "company")}
    return one | names | {"email": normal_email(one["email"])}


def rapidfuzz_alone(set_: MatchSet) -> tuple[Scored, float]:
    """token_sort_ratio of all against all, the best of each; 85 is what most tutorials take."""
    import numpy
    from rapidfuzz import fuzz, process

    left, right = _sides(set_)
    lefts, rights = [text_of(one) for one in left], [text_of(one) for one in right]
    found: Scored = []
    for start in range(0, len(lefts), 500):
        scores = process.cdist(
            lefts[start : start + 500], rights, scorer=fuzz.token_sort_ratio, score_cutoff=60, dtype=numpy.uint8
        )
        for row_number, place in zip(*numpy.nonzero(scores), strict=True):
            one, other = left[start + row_number]["id"], right[place]["id"]
            if one != other and _ordered(set_, one, other):
                found.append((one, other, int(scores[row_number, place]) / 100))
    return found, 0.85


def tfidf(set_: MatchSet) -> tuple[Scored, float]:
    """Character 3-grams, cosine, the ten nearest; string_grouper's default is 0.8."""
    import numpy
    from sklearn.feature_extraction.text import TfidfVectorizer

    left, right = _sides(set_)
    vectors = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), min_df=1).fit(
        [text_of(one) for one in left + right]
    )
    one_side, other_side = (vectors.transform([text_of(one) for one in side]) for side in (left, right))
    found: Scored = []
    turned = other_side.T.tocsr()
    for start in range(0, len(left), 1000):
        product = (one_side[start : start + 1000] @ turned).tocsr()
        for place in range(product.shape[0]):
            part = slice(product.indptr[place], product.indptr[place + 1])
            scores, others = product.data[part], product.indices[part]
            near = numpy.argpartition(-scores, 10)[:10] if len(scores) > 10 else range(len(scores))
            for score, other in ((scores[one], others[one]) for one in near):
                ids = left[start + place]["id"], right[other]["id"]
                if score > 0.2 and ids[0] != ids[1] and _ordered(set_, *ids):
                    found.append((*ids, float(score)))
    return found, 0.8


def _frames(set_: MatchSet):  # type: ignore[no-untyped-def]
    import pandas

    frames = []
    for side in (set_.left, set_.right):
        if side is not None:
            frame = pandas.DataFrame(_spread(one) for one in side).set_index("id", drop=False)
            frames.append(frame.where(frame != "", None))
    used = [name for name in frames[0].columns if name != "id" and any(frame[name].notna().any() for frame in frames)]
    return frames, used


def _spread(one: Row) -> Row:
    """Persons' names in two columns as these tools want them, keys normalised."""
    name = (one["name"] or "").lower()
    first, _, last = name.partition(" ")
    return {
        "id": one["id"], "name": name, "first": first, "last": last, "company": one["company"].lower(),
        "email": normal_email(one["email"]), "phone": normal_phone(one["phone"], one["country"] or "DE"),
        "street": one["street"].lower(), "city": one["city"].lower(), "zip": one["zip"], "tax_id": one["tax_id"],
    }  # fmt: skip


def recordlinkage_ecm(set_: MatchSet) -> tuple[Scored, float]:
    """Blocks on each column, Jaro-Winkler at .85, the unsupervised ECM classifier."""
    import pandas
    import recordlinkage

    warnings.filterwarnings("ignore")
    frames, used = _frames(set_)
    used = [name for name in used if name != "name"]
    candidates = None
    for column in used:
        index = recordlinkage.Index()
        index.block(column)
        pairs = index.index(*frames)
        candidates = pairs if candidates is None else candidates.union(pairs)
    compare = recordlinkage.Compare()
    for column in used:
        if column in ("email", "phone", "zip", "tax_id"):
            compare.exact(column, column, label=column)
        else:
            compare.string(column, column, "jarowinkler", threshold=0.85, label=column)
    vectors = compare.compute(candidates, *frames)
    ecm = recordlinkage.ECMClassifier()
    ecm.fit(vectors)
    chance = ecm.prob(vectors)
    assert isinstance(chance, pandas.Series)
    found = []
    for (one, other), score in chance.items():
        ids = (one, other) if set_.right is not None or one < other else (other, one)
        found.append((*ids, float(score)))
    return found, 0.5


def splink(set_: MatchSet, tight: bool = False) -> tuple[Scored, float]:
    """As its documentation shows: Jaro-Winkler levels, term frequencies, EM; match probability from 0.5."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore")
    frames, used = _frames(set_)
    used = [name for name in used if name != "name"]
    comparisons = [
        cl.ExactMatch(name).configure(term_frequency_adjustments=True) if name in ("phone", "tax_id")
        else cl.EmailComparison("email") if name == "email"
        else cl.LevenshteinAtThresholds("zip", [1, 2]) if name == "zip"
        else cl.JaroWinklerAtThresholds(name, [0.92, 0.8]).configure(term_frequency_adjustments=True)
        for name in used
    ]  # fmt: skip
    keys = [name for name in used if name in ("email", "phone", "tax_id")]
    fuzzy = [name for name in used if name not in keys]
    if tight and len(fuzzy) > 1:
        rules = [block_on(name) for name in keys] + [block_on(*two) for two in zip(fuzzy, fuzzy[1:], strict=False)]
    else:
        rules = [block_on(name) for name in used]
    api = DuckDBAPI()
    tables = [api.register(frame, dataset_display_name=f"side{number}") for number, frame in enumerate(frames)]
    settings = SettingsCreator(
        link_type="dedupe_only" if set_.right is None else "link_only", unique_id_column_name="id",
        comparisons=comparisons, blocking_rules_to_generate_predictions=rules,
    )  # fmt: skip
    linker = Linker(tables if len(tables) > 1 else tables[0], settings, log_level=logging.ERROR)
    strict = [block_on(*two) for two in zip(used, used[1:], strict=False)] or [block_on(used[0])]
    linker.training.estimate_probability_two_random_records_match(strict, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for name in (used[0], used[-1]) if len(used) > 1 else used:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(name))
        except Exception as trouble:  # noqa: BLE001
            logging.getLogger("bench").info("splink could not train on %s: %s", name, trouble)
    rows = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    found = []
    for one, other, score in zip(rows["id_l"], rows["id_r"], rows["match_probability"], strict=True):
        ids = (one, other) if set_.right is not None or one < other else (other, one)
        found.append((*ids, float(score)))
    return found, 0.5


PEERS: dict[str, Callable[[MatchSet], tuple[Scored, float]]] = {
    "exact e-mail or name": exact,
    "normalised keys": normalised,
    "rapidfuzz, all pairs": rapidfuzz_alone,
    "character 3-gram TF-IDF": tfidf,
    "recordlinkage, ECM": recordlinkage_ecm,
    "splink": splink,
}
