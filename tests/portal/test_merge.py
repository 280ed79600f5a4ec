"""Three-way merge: what both sides changed apart survives, what they changed together is put before the user."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.portal.merge import MISSING, Conflict, merge, same

scalars = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"]) | st.floats(-2, 2)
values = st.recursive(
    scalars,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(["variable", "k", "l", "m"]), part),
    max_leaves=12,
)


@given(values, values)
def test_when_only_they_changed_something_theirs_is_the_result(base: Any, theirs: Any):
    assert same(merge(base, base, theirs).document, theirs)
    assert merge(base, base, theirs).conflicts == ()


@given(values, values)
def test_when_only_i_changed_something_mine_is_the_result(base: Any, mine: Any):
    assert same(merge(base, mine, base).document, mine)
    assert merge(base, mine, base).conflicts == ()


@given(values, values)
def test_the_same_change_on_both_sides_is_no_conflict(base: Any, both: Any):
    merged = merge(base, both, deepcopy(both))
    assert same(merged.document, both)
    assert merged.conflicts == ()


@given(values, values, values)
def test_conflicts_are_the_same_from_either_side(base: Any, mine: Any, theirs: Any):
    here = merge(base, mine, theirs)
    there = merge(base, theirs, mine)
    seen_here = {repr((c.path, c.mine, c.theirs, c.base)) for c in here.conflicts}
    seen_there = {repr((c.path, c.theirs, c.mine, c.base)) for c in there.conflicts}
    assert seen_here == seen_there
    if not here.conflicts:
        assert same(here.document, there.document)


@given(values, values, values)
def test_nothing_handed_in_is_modified(base: Any, mine: Any, theirs: Any):
    before = deepcopy((base, mine, theirs))
    merge(base, mine, theirs)
    assert repr((base, mine, theirs)) == repr(before)


@given(st.dictionaries(st.sampled_from("abcdef"), values, min_size=2), st.data())
def test_changes_that_do_not_overlap_both_survive(base: dict[str, Any], data: st.DataObject):
    mine_changes = data.draw(st.sets(st.sampled_from(sorted(base)), min_size=1))
    others = sorted(set(base) - mine_changes)
    their_changes = data.draw(st.sets(st.sampled_from(others))) if others else set()
    removed = data.draw(st.sets(st.sampled_from(sorted(base))))
    mine = {key: value for key, value in base.items() if key not in mine_changes & removed}
    mine |= dict.fromkeys(mine_changes - removed, "mine")
    theirs = {key: value for key, value in base.items() if key not in their_changes & removed}
    theirs |= dict.fromkeys(their_changes - removed, "theirs")
    merged = merge(base, mine, theirs)
    assert merged.conflicts == ()
    for key, value in base.items():
        if key in removed & (mine_changes | their_changes):
            assert key not in merged.document
            continue
        kept = "mine" if key in mine_changes else "theirs" if key in their_changes else value
        assert same(merged.document[key], kept)


def test_two_people_edit_two_endpoints_of_one_integration():
    base = {"endpoints": {"add_users": {"url": "a", "batch_size": 10}, "remove_users": {"url": "r"}}}
    mine = {"endpoints": {"add_users": {"url": "a2", "batch_size": 10}, "remove_users": {"url": "r"}}}
    theirs = {"endpoints": {"add_users": {"url": "a", "batch_size": 99}, "remove_users": {"url": "r2"}}}
    merged = merge(base, mine, theirs)
    assert merged.conflicts == ()
    assert merged.document == {
        "endpoints": {"add_users": {"url": "a2", "batch_size": 99}, "remove_users": {"url": "r2"}}
    }


def test_a_conflict_says_where_and_what_and_the_document_keeps_mine():
    merged = merge({"a": {"b": 1, "c": 1}}, {"a": {"b": 2, "c": 5}}, {"a": {"b": 3, "c": 1}})
    assert merged.conflicts == (Conflict(("a", "b"), mine=2, theirs=3, base=1),)
    assert merged.document == {"a": {"b": 2, "c": 5}}


def test_what_i_deleted_and_they_changed_is_a_conflict():
    merged = merge({"a": 1}, {}, {"a": 2})
    assert merged.conflicts == (Conflict(("a",), mine=MISSING, theirs=2, base=1),)
    assert merged.document == {}


def test_the_same_key_added_differently_is_a_conflict_and_added_alike_is_none():
    assert merge({}, {"a": 1}, {"a": 2}).conflicts == (Conflict(("a",), 1, 2, MISSING),)
    assert merge({}, {"a": 1}, {"a": 1}).conflicts == ()


def test_lists_of_one_length_are_merged_element_by_element():
    base = [{"variable": "x", "help": "", "required": True}, {"variable": "y", "help": ""}]
    mine = [{"variable": "x", "help": "mine", "required": True}, {"variable": "y", "help": ""}]
    theirs = [{"variable": "x", "help": "", "required": False}, {"variable": "y", "help": "theirs"}]
    merged = merge(base, mine, theirs)
    assert merged.conflicts == ()
    assert merged.document == [
        {"variable": "x", "help": "mine", "required": False},
        {"variable": "y", "help": "theirs"},
    ]


def test_lists_of_different_length_are_taken_as_a_whole():
    assert merge([1], [1, 2], [1]).document == [1, 2]
    assert merge([1], [1, 2], [1, 3]).conflicts == (Conflict((), [1, 2], [1, 3], [1]),)


def test_a_change_never_lands_on_another_field_because_i_moved_the_fields():
    base = [{"variable": "x", "required": True}, {"variable": "y", "required": True}]
    moved = [base[1], base[0]]
    theirs = [{"variable": "x", "required": False}, {"variable": "y", "required": True}]
    assert merge(base, moved, theirs).conflicts == (Conflict((), moved, theirs, base),)


def test_a_change_never_lands_on_another_option_because_i_moved_the_options():
    base = [{"label": "iOS", "value": "i"}, {"label": "Android", "value": "i"}]
    moved = [base[1], base[0]]
    theirs = [{"label": "iOS", "value": "ios"}, base[1]]
    assert merge(base, moved, theirs).conflicts == (Conflict((), moved, theirs, base),)


def test_true_and_one_put_in_the_same_place_are_a_conflict():
    assert merge({"a": 2}, {"a": 1}, {"a": True}).conflicts == (Conflict(("a",), 1, True, 2),)


def test_a_change_never_lands_on_another_field_because_i_replaced_that_field():
    base = [{"variable": "x", "required": True}, {"variable": "y", "required": True}]
    replaced = [base[0], {"variable": "z", "required": True}]
    theirs = [base[0], {"variable": "y", "required": False}]
    assert merge(base, replaced, theirs).conflicts == (Conflict((), replaced, theirs, base),)


@pytest.mark.parametrize(("one", "other"), [(True, 1), (1, 1.0), (False, 0), (None, False), ([], {})])
def test_values_that_python_takes_for_equal_differ_as_json(one: Any, other: Any):
    assert not same(one, other)
    assert merge({"a": one}, {"a": other}, {"a": one}).document["a"] is other
