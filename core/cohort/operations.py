"""Operations files: a row says whom to add to a cohort and whom to remove, with the values of the variables used.

The shape is told by a column named `operation`; the others are named after the variables they stand for.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from core.cohort.content import Source
from core.cohort.engine import shared
from core.cohort.kept_rows import Kept, keep_members
from core.cohort.limits import COMMAND_LINE, Limits
from core.cohort.members import Members
from core.cohort.tables import read_table
from core.cohort.tidy import WHITE_SPACE, ReadReport, no_column
from core.errors import CohortFileError

Mask = npt.NDArray[np.bool_]

OPERATION = "operation"
DEFAULT_KEY = "user_id_field_amplitude"


@dataclass(frozen=True, eq=False)
class Operations:
    """`added` and `removed` are without the operation column, each in file order.

    `constants` are the columns, other than the key, with one value in all kept rows. In `report`, members counts
    the added and the removed together.
    """

    added: Members
    removed: Members
    constants: dict[str, str]
    report: ReadReport


def is_operations(columns: Iterable[str]) -> bool:
    """Whether a file with these columns is an operations file: one is named `operation`, in any case."""
    return _operation_column(columns) is not None


def read_operations(
    source: Source, key: str = DEFAULT_KEY, *, name: str = "", limits: Limits = COMMAND_LINE
) -> Operations:
    """The operations in a CSV or Parquet file; `key` is the column that identifies a user.

    A row that repeats key and operation of an earlier one is a duplicate and dropped; a row with neither key nor
    operation is an empty key. Raises CohortFileError for any operation other than add or remove (in any case, white
    space around it aside), for a key that is both added and removed, and for all that `read_snapshot` refuses.
    """
    table, where = read_table(source, shared(), name, limits)
    column = _operation_column(table.column_names)
    if column is None:
        raise no_column(OPERATION, table.column_names, where)
    said = pc.utf8_lower(pc.utf8_trim(table.column(column), characters=WHITE_SPACE))
    members = keep_members(table, key.strip(), where)
    adds = pc.equal(said, "add").to_numpy()
    _refuse_other_words(said, table.column(column), members.empty, where)
    _refuse_contradictions(adds, members, key.strip(), where)
    kept = members.table.drop_columns([column])
    added = pa.array(adds[members.kept])
    return Operations(
        added=Members.of(kept.filter(added)),
        removed=Members.of(kept.filter(pc.invert(added))),
        constants=_constants(kept, key.strip()),
        report=members.report,
    )


def _operation_column(columns: Iterable[str]) -> str | None:
    return next((column for column in columns if column.strip().lower() == OPERATION), None)


def _refuse_other_words(said: pa.ChunkedArray, written: pa.ChunkedArray, empty_key: Mask, where: str) -> None:
    known = pc.is_in(said, value_set=pa.array(["add", "remove"], said.type)).to_numpy()
    wrong = np.flatnonzero(~known & ~(empty_key & pc.equal(said, "").to_numpy()))
    if len(wrong):
        row = int(wrong[0])
        others = f" (the first of {len(wrong):,} such rows)" if len(wrong) > 1 else ""
        what = f'The operation in row {row + 1} is "{written[row].as_py()}", neither add nor remove{others}.'
        raise CohortFileError(what, where=where, remedy="Write add or remove in every row.")


def _refuse_contradictions(adds: Mask, members: Kept, key: str, where: str) -> None:
    first = members.first_rows()
    differs = np.flatnonzero((adds != adds[first]) & ~members.empty)
    if len(differs):
        row, before = int(differs[0]), int(first[differs[0]])
        word, other = ("add", "remove") if adds[row] else ("remove", "add")
        what = f"Row {row + 1} says {word} for the same {key} for which row {before + 1} says {other}."
        raise CohortFileError(what, where=where, remedy="Keep one of the two rows.")


def _constants(kept: pa.Table, key: str) -> dict[str, str]:
    if not kept.num_rows:
        return {}
    others = [column for column in kept.column_names if column != key]
    first = {column: kept.column(column)[0].as_py() for column in others}
    return {name: value for name, value in first.items() if pc.all(pc.equal(kept.column(name), value)).as_py()}
