"""An operations file says whom to add and whom to remove, or which row does not."""

from __future__ import annotations

import pytest

from core.cohort import is_operations, read_operations
from core.errors import CohortFileError

SAMPLE = b"""operation,user_id_field_amplitude,amp_cohort_name,amp_cohort_id
add,user123,Unified Cohort,unified_cohort_001
Add,user456,Unified Cohort,unified_cohort_001
REMOVE,user789,Unified Cohort,unified_cohort_001
add,john.doe@example.com,Unified Cohort,unified_cohort_001
"""


def test_the_two_shapes_are_told_apart_by_the_operation_column() -> None:
    assert is_operations(["operation", "user_id"])
    assert is_operations([" Operation "])
    assert not is_operations(["user_id", "operations", "last_operation"])


def test_additions_and_removals_come_in_file_order_with_what_is_the_same_for_all() -> None:
    found = read_operations(SAMPLE)
    assert found.added.frame()["user_id_field_amplitude"].tolist() == ["user123", "user456", "john.doe@example.com"]
    assert found.removed.frame()["user_id_field_amplitude"].tolist() == ["user789"]
    assert list(found.removed.columns) == ["user_id_field_amplitude", "amp_cohort_name", "amp_cohort_id"]
    assert found.constants == {"amp_cohort_name": "Unified Cohort", "amp_cohort_id": "unified_cohort_001"}
    assert (found.report.rows, found.report.members) == (4, 4)


def test_a_column_with_several_values_is_no_constant() -> None:
    assert read_operations(b"operation,id,a,b\nadd,1,x,y\nadd,2,x,z\n", "id").constants == {"a": "x"}
    assert read_operations(b"operation,id,a\n", "id").constants == {}


@pytest.mark.parametrize("word", ["added", "delete", "", "add,"])
def test_any_other_operation_is_an_error_that_names_the_row(word: str) -> None:
    text = f'operation,id\nadd,1\n"{word}",2\n'
    with pytest.raises(CohortFileError, match=rf'The operation in row 2 is "{word}", neither add nor remove\.'):
        read_operations(text.encode(), "id", name="ops.csv")


def test_several_wrong_operations_are_counted() -> None:
    with pytest.raises(CohortFileError, match=r'row 1 is "x", neither add nor remove \(the first of 2 such rows\)\.'):
        read_operations(b"operation,id\nx,1\nadd,2\ny,3\n", "id")


def test_a_user_both_added_and_removed_is_an_error_that_names_both_rows() -> None:
    with pytest.raises(CohortFileError, match="Row 4 says remove for the same id for which row 2 says add"):
        read_operations(b"operation,id\n,\nadd,1\nadd,2\nremove, 1 \n", "id")


def test_repeated_operations_and_rows_without_a_key_are_counted() -> None:
    found = read_operations(b"operation,id\nadd,1\nADD, 1\nremove,\n,\nremove,2\n", "id")
    report = found.report
    assert (report.rows, report.members, report.duplicates, report.empty_keys) == (5, 2, 1, 2)
    assert [(row.row, row.reason) for row in report.dropped] == [
        (2, "duplicate key"),
        (3, "empty key"),
        (4, "empty key"),
    ]
    assert found.added.frame()["id"].tolist() == ["1"]


def test_rows_without_a_key_do_not_contradict_each_other() -> None:
    assert read_operations(b"operation,id\nadd,\nremove, \nadd,1\n", "id").report.empty_keys == 2


def test_a_file_without_operations_or_key_says_which_columns_it_has() -> None:
    with pytest.raises(CohortFileError, match='no column "operation"; the columns are: id'):
        read_operations(b"id\n1\n", "id")
    with pytest.raises(CohortFileError, match='no column "id"; the columns are: operation, user'):
        read_operations(b"operation,user\nadd,1\n", "id")
