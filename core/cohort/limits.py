"""How much of a cohort file is read: what a small file may claim to become is bounded before it becomes it."""

from __future__ import annotations

from dataclasses import dataclass

from core.errors import CohortFileError

MAX_COLUMNS = 50_000


@dataclass(frozen=True, slots=True)
class Limits:
    """`unpacked_bytes`: of the text, or of all values of a Parquet file; `cells`: rows times columns."""

    unpacked_bytes: int = 64 << 30
    cells: int = 20_000_000_000

    def check_cells(self, rows: int, columns: int, where: str) -> None:
        """Raises `CohortFileError` for a file with too many values."""
        if rows * columns > self.cells:
            what = f"The file has {rows:,} rows of {columns:,} columns, more than {self.cells:,} values."
            raise CohortFileError(what, where=where, remedy="Keep only the columns you map, or split the file.")

    def check_bytes(self, size: int, where: str) -> None:
        """Raises `CohortFileError` for a file that is too large when it is unpacked."""
        if size > self.unpacked_bytes:
            what = f"The file unpacks to more than {self.unpacked_bytes:,} bytes."
            raise CohortFileError(what, where=where, remedy="Keep only the columns you map, or split the file.")


COMMAND_LINE = Limits()
UPLOAD = Limits(unpacked_bytes=512 << 20, cells=50_000_000)
"""Of a file that somebody uploads to a portal that others use too."""
