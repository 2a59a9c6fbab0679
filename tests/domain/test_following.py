"""An account with several customers: one speaks for both sides, the others follow and give nothing back."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from syncjobs.domain.following import plan_all
from syncjobs.domain.mapping import FieldMap
from syncjobs.domain.ownership import Owner
from syncjobs.domain.planning import Pair, Seen, plan
from syncjobs.domain.records import Side
from syncjobs.domain.transforms import Text

OWNERS = (Owner.CRM, Owner.BOOKS, Owner.ASK, Owner.NEWEST)
NAME = FieldMap(name="name", label="Name", crm="Account_Name", books="contact_name", transform=Text(), owner=Owner.CRM)
FIELDS = (NAME, *(replace(NAME, name=str(one), books=f"b_{one}", owner=one) for one in OWNERS))
VALUES = st.fixed_dictionaries({one.name: st.sampled_from(["", "a", "b"]) for one in FIELDS})


@given(VALUES, VALUES, VALUES)
def test_a_follower_never_writes_to_the_account_nor_asks_about_it_and_keeps_its_name(
    base: dict[str, str], crm: dict[str, str], books: dict[str, str]
) -> None:
    pair = Pair("1", "Sierra Labs", Seen("c", crm), Seen("b", books), base, follows=True)
    found = plan_all([pair], FIELDS)
    assert all(write.side is Side.BOOKS for write in found.writes) and not found.asked
    assert all(change.field != "name" for write in found.writes for change in write.changes)
    speaks = replace(pair, follows=False)
    assert plan_all([speaks], FIELDS) == plan([speaks], FIELDS)
    assert plan_all([pair, speaks], FIELDS).asked == plan([speaks], FIELDS).asked
