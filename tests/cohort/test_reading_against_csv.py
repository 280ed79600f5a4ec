"""Python's own csv reader, in strict mode, is the judge of what a CSV file holds."""

from __future__ import annotations

import csv
import io

import pyarrow as pa
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.cohort import Limits
from core.cohort.content import load
from core.cohort.csv_engine import read_in_engine
from core.cohort.csv_rows import read_rows
from core.cohort.engine import shared
from core.cohort.layout import find_layout
from core.cohort.plain_text import PlainText, plain_text
from core.cohort.tables import read_table
from core.errors import CohortFileError

CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
AWKWARD_CELL = st.text(st.sampled_from(list('a0é🎉,;\t|"\n\r \\')), max_size=6)
NAME = st.text(st.sampled_from(list('ab_é🎉" .')), min_size=1, max_size=6).map(lambda name: f"c{name}c")


@st.composite
def tables(draw: st.DrawFn, least_columns: int = 1) -> list[list[str]]:
    header = draw(st.lists(NAME, min_size=least_columns, max_size=5, unique=True))
    row = st.lists(CELL | AWKWARD_CELL, min_size=len(header), max_size=len(header))
    return [header, *draw(st.lists(row, max_size=8))]


def table_of(text: bytes) -> list[list[str]]:
    table, _ = read_table(text, shared())
    columns = [column.to_pylist() for column in table.columns]
    return [table.column_names, *map(list, zip(*columns, strict=True))]


@settings(deadline=None)
@given(tables(), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]))
def test_a_fully_quoted_table_comes_back_exactly(table: list[list[str]], delimiter: str, end: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(table)
    assert table_of(text.getvalue().encode()) == table


@settings(deadline=None)
@given(tables(least_columns=2), st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
@example([["c_c", "ccc"]], ",", "\n", True)
def test_a_table_quoted_where_needed_comes_back_as_csv_reads_it(
    table: list[list[str]], delimiter: str, end: str, mark: bool
) -> None:
    # Line ends other than the writer's own are not always quoted by it, so they are made spaces.
    table = [[cell.replace("\r", " ").replace("\n", " ") for cell in row] for row in table]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows(table)
    assert table_of(text.getvalue().encode("utf-8-sig" if mark else "utf-8")) == table


@settings(deadline=None)
@given(tables(least_columns=2), st.sampled_from(",;\t|"))
def test_a_table_in_utf_16_is_the_same_table(table: list[list[str]], delimiter: str) -> None:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(table)
    assert table_of(text.getvalue().encode("utf-16")) == table


RAW = st.text(st.sampled_from(list('aé ,,""\n\n\r')), max_size=40)


RAW_WITHOUT_SPACES = st.text(st.sampled_from(list('aé,,""\n\n\r\t\x01')), max_size=40)


QUOTED = st.lists(st.lists(st.text(st.sampled_from(list('a "\n,')), max_size=5), min_size=2, max_size=2)).map(
    lambda rows: "".join(",".join(f'"{cell.replace(chr(34), chr(34) * 2)}"' for cell in row) + "\n" for row in rows)
)


def judge(text: str) -> list[list[str]] | None:
    """The rows of two columns as csv reads them, or None where a file is to be refused."""
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), strict=True) if row]
    except csv.Error:
        return None
    return rows if all(len(row) == 2 for row in rows) else None


@settings(deadline=None)
@given(RAW)
@example('"a"a,b\n')
@example('a,"b')
@example('"a\n",b\r\n"",""\r\n')
@example('a"b,c"d\n')
@example("a,b\rc,d\n")
def test_any_text_is_read_as_csv_reads_it_or_refused_as_csv_refuses_it(body: str) -> None:
    expected = judge("x,y\n" + body)
    try:
        found = table_of(f"x,y\n{body}".encode())
    except CohortFileError:
        found = None
    assert found == expected


def read_both(content: bytes) -> tuple[list[list[str]] | None, list[list[str]] | None]:
    """The rows as the engine's reader gives them, None where it is not used; and as the exact one does, or refuses."""
    engine = shared()
    with engine.scratch() as folder:
        text = plain_text(content, "", folder, Limits())
        assert isinstance(text, PlainText)
        layout = find_layout(load(content, limit=1 << 20))
        stored = read_in_engine(text, layout, engine)
        fast = None if stored is None else rows_of(stored.members.table())
        with text.path.open("rb") as file:
            file.seek(text.mark + layout.body)
            lines = io.TextIOWrapper(file, "utf-8", newline="")
            try:
                exact = [
                    row for block in read_rows(lines, layout, "") for row in rows_of(pa.Table.from_batches([block]))
                ]
            except CohortFileError:
                return fast, None
    return fast, exact


def rows_of(table: pa.Table) -> list[list[str]]:
    return list(map(list, zip(*(column.to_pylist() for column in table.columns), strict=True)))


@settings(deadline=None, max_examples=200)
@given(RAW | RAW_WITHOUT_SPACES | QUOTED, st.sampled_from(["x\n", "x,y\n", "x,y\r\n", "x,y,z\r"]))
@example("\n\n", "x\n")
@example('""\n\r\n\n', "x\n")
@example('"a" ,b\n', "x,y\n")  # taken, with the space dropped, by the engine's reader
@example(' "a",b\n', "x,y\n")
@example("a,b,\n", "x,y\n")  # one empty value too many
@example("a,b\n,\x01\n", "x,y\n")
@example('"a\n",b\n\n', "x,y\n")
@example("a,b\n\r\r", "x,y\n")
@example("\ra", "x\n")
@example("a\r", "x\n")
def test_the_fast_reader_says_what_the_exact_one_says_or_nothing(body: str, header: str) -> None:
    fast, exact = read_both((header + body).encode())
    assert fast is None or fast == exact


def test_the_fast_reader_is_used_for_what_people_export() -> None:
    for text in ("id,a\n1,x\n", 'id,a\r\n"1","x, y"\r\n\r\n"2","say ""hi""\n"\r\n', "id\n1\n2\n", 'id\ta\n"1"\t2'):
        assert read_both(text.encode())[0] is not None


def test_many_blocks_are_put_together_in_file_order() -> None:
    """The file is larger than the pieces in which several threads read it."""
    lines = [f'"{number}","{"x" * (number % 300)}\n""é"""' for number in range(250_000)]
    table, _ = read_table("\r\n".join(["id,a", *lines]).encode(), shared())
    assert table.column("id").to_pylist() == [str(number) for number in range(250_000)]
    assert table.column("a").to_pylist()[::9_999] == [f'{"x" * (at % 300)}\n"é"' for at in range(0, 250_000, 9_999)]
