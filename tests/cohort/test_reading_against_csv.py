"""Python's own csv reader, in strict mode, is the judge of what a CSV file holds."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from core.cohort.content import load
from core.cohort.csv_columns import read_columns_fast
from core.cohort.csv_rows import read_rows
from core.cohort.layout import find_layout
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
    table, _ = read_table(text)
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


@settings(deadline=None)
@given(RAW, st.sampled_from(["x\n", "x,y\n", "x,y\r\n", "x,y,z\r"]))
@example("\n\n", "x\n")
@example('""\n\r\n\n', "x\n")
def test_the_fast_reader_says_what_the_exact_one_says_or_nothing(body: str, header: str) -> None:
    content = load((header + body).encode())
    layout = find_layout(content)
    fast = read_columns_fast(content.text, layout)
    if fast is not None:
        assert fast.equals(read_rows(content.text, layout, ""))


def test_the_fast_reader_is_used_for_what_people_export() -> None:
    for text in ("id,a\n1,x\n", 'id,a\r\n"1","x, y"\r\n\r\n"2","say ""hi""\n"\r\n', "id\n1\n\n2\n", 'id\ta\n"1"\t2'):
        content = load(text.encode())
        assert read_columns_fast(content.text, find_layout(content)) is not None


def test_many_blocks_are_put_together_in_file_order() -> None:
    lines = [f'"{number}","{"x" * (number % 300)}\n""é"""' for number in range(150_000)]
    text = "\r\n".join(["id,a", *lines]).encode()
    content = load(text)
    layout = find_layout(content)
    fast = read_columns_fast(text, layout)
    assert fast is not None
    assert fast.column("id").num_chunks > 1
    assert fast.equals(read_rows(text, layout, ""))
    assert fast.column("id").to_pylist() == [str(number) for number in range(150_000)]
