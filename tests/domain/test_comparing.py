"""Both sides counted after bulk work: every record stands in exactly one column, and a gap is always named."""

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.comparing import Gaps, Listed, compare, verdict
from syncjobs.domain.records import Side

IDS = st.frozensets(st.integers(0, 30).map(str))
LINKS = st.sets(st.tuples(st.integers(0, 35).map(str), st.integers(0, 35).map(str)))
NONE = {Side.CRM: 0, Side.BOOKS: 0}


def listed(there: frozenset[str], out: frozenset[str]) -> Listed:
    return Listed(there - out, out)


@given(IDS, IDS, IDS, IDS, LINKS)
def test_each_sides_numbers_add_up_to_all_it_has(
    crm: frozenset[str], crm_out: frozenset[str], books: frozenset[str], books_out: frozenset[str],
    links: set[tuple[str, str]],
) -> None:  # fmt: skip
    found = compare(listed(crm, crm_out), listed(books, books_out), links)
    linked_crm, linked_books = ({pair[n] for pair in found.linked} for n in (0, 1))
    assert len(linked_crm) + len(found.only_crm) + found.left_out_crm == found.crm == len(crm | crm_out)
    assert len(linked_books) + len(found.only_books) + found.left_out_books == found.books == len(books | books_out)
    assert {*found.linked, *found.gone_crm, *found.gone_books} == links


def test_a_record_deleted_on_one_side_is_named_with_its_link() -> None:
    found = compare(Listed(frozenset("ab"), frozenset()), Listed(frozenset("x"), frozenset()), {("a", "x"), ("b", "y")})
    assert (found.gone_books, found.linked, found.only_crm) == ((("b", "y"),), (("a", "x"),), ("b",))


def test_it_is_complete_only_without_a_gap() -> None:
    assert verdict(60, Gaps(NONE), ()) == (True, "Complete: 60 = 60 linked and equal.")
    alone = Gaps({Side.CRM: 5, Side.BOOKS: 0})
    assert verdict(60, alone, ())[0] and "5 only in CRM may stay so" in verdict(60, alone, ())[1]
    assert verdict(60, alone, {Side.BOOKS}) == (
        False, "Incomplete: 5 only in CRM are to be made in Books. 60 are linked."
    )  # fmt: skip
    said = verdict(1, Gaps(NONE, to_decide=1, differing=2, broken=1, unseen=3), ())[1]
    assert said == (
        "Incomplete: 1 waits in Who is who, 2 differ, 1 is linked to what is gone, 3 are no longer listed by Zoho. "
        "1 is linked."
    )


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_every_gap_makes_it_incomplete(to_decide: int, differing: int, broken: int, unseen: int) -> None:
    gaps = Gaps(NONE, to_decide, differing, broken, unseen)
    assert verdict(3, gaps, set(Side))[0] is not any((to_decide, differing, broken, unseen))
