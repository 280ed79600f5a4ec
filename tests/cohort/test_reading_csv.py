"""A CSV snapshot comes out as it went in, or one sentence says why not and what to do."""

from __future__ import annotations

import gzip
from pathlib import Path

import pandas as pd
import pytest

from core.cohort import Limits, Snapshot, read_columns, read_snapshot
from core.errors import CohortFileError


def rows(snapshot: Snapshot) -> list[list[str]]:
    return [list(snapshot.frame.columns), *snapshot.frame.to_numpy().tolist()]


def refusal(content: bytes, key: str = "id", name: str = "members.csv") -> str:
    with pytest.raises(CohortFileError) as caught:
        read_snapshot(content, key, name=name)
    assert caught.value.what.endswith(".")
    assert caught.value.remedy.endswith(".")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "value",
    [
        *(
            "007",
            "1e5",
            "NA",
            "null",
            "NULL",
            "None",
            "nan",
            "True",
            "00:11",
            "12345678901234567890",
            "-0",
            "+1",
            "1.0",
        ),
        *("2024-01-02", "1,5", " padded ", "#N/A", "\\N", "it's", 'say "hi"', "line\nbreak", "line\r\nbreak", "a\rb"),
        *("\\", "'", "=1+1", "\ufeff", "é", "e\u0301", "\x1a", "\t", "🎉", "\u2028", "0x1F", ""),
    ],
)
def test_a_value_comes_out_as_it_went_in(value: str) -> None:
    quoted = '"' + value.replace('"', '""') + '"'
    snapshot = read_snapshot(f"id,value\n1,{quoted}\n".encode(), "id")
    assert snapshot.frame["value"].tolist() == [value]


@pytest.mark.parametrize("value", ["007", "1e5", "NA", "null", "True", "00:11", "12345678901234567890", "🎉", "\\N"])
def test_a_key_comes_out_as_it_went_in(value: str) -> None:
    assert read_snapshot(f"id\n{value}\n".encode(), "id").frame["id"].tolist() == [value]


def test_every_column_is_arrow_backed_text_and_an_empty_cell_is_empty_text() -> None:
    frame = read_snapshot(b'id,a,b\n1,,""\n2,3,4\n', "id").frame
    assert all(isinstance(kind, pd.StringDtype) and kind.storage == "pyarrow" for kind in frame.dtypes)
    assert not frame.isna().any().any()
    assert frame.loc[0].tolist() == ["1", "", ""]
    assert list(frame.index) == [0, 1]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_the_delimiter_and_the_line_ends_are_found(delimiter: str, end: str) -> None:
    lines = ["id,name".replace(",", delimiter), "1,Ada".replace(",", delimiter), "2,Bo".replace(",", delimiter), ""]
    assert rows(read_snapshot(end.join(lines).encode(), "id")) == [["id", "name"], ["1", "Ada"], ["2", "Bo"]]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ('id,"a;b;c"\n1,x\n', ["id", "a;b;c"]),
        ('id,"a;b;c"\n', ["id", "a;b;c"]),
        ('id,"a;b"\n1,"x;y"\n', ["id", "a;b"]),
        ('"a,b";id\n1;2\n', ["a,b", "id"]),
        ("id;price, net\n1;2,5\n", ["id", "price, net"]),
        ("id;price, net, gross\n1;2,5\n", ["id", "price, net, gross"]),
        ("id,a|b\n1,x\n", ["id", "a|b"]),
        ("id|a,b,c\n1|x\n2|y,z\n", ["id", "a,b,c"]),
        (f"id;a,b;c\n1;x,{'x' * 70_000};2\n", ["id", "a,b", "c"]),
        (f'id,"{"name" * 20_000}"\n1,x\n', ["id", "name" * 20_000]),
        ("\n" * 70_000 + "id,a\n1,x\n", ["id", "a"]),
        ("id\tname, first\n1\tx\n", ["id", "name, first"]),
        ('"id"\n"1"\n', ["id"]),
        ("id\na;b\n", ["id"]),
        ('id,"multi\nline; name"\n1,2\n', ["id", "multi\nline; name"]),
        ("\n\r\nid,name\n1,x\n", ["id", "name"]),
    ],
)
def test_the_header_says_which_columns_there_are(text: str, columns: list[str]) -> None:
    assert list(read_snapshot(text.encode(), "id").frame.columns) == columns
    assert read_columns(text.encode()) == tuple(columns)


def test_a_file_of_one_column_needs_no_delimiter() -> None:
    assert rows(read_snapshot(b'id\n1\n2;x\n"3,4"\n', "id")) == [["id"], ["1"], ["2;x"], ["3,4"]]


def test_a_tsv_of_one_column_may_hold_commas() -> None:
    assert rows(read_snapshot(b"id\nDoe, Jo\n", "id", name="ids.TSV")) == [["id"], ["Doe, Jo"]]


def test_a_comma_in_a_file_of_one_column_is_not_guessed_at() -> None:
    assert "Row 2 (line 3) has 2 values, but the header has 1 column." in refusal(b"id\n1\n2,x\n")


def test_column_names_are_found_without_the_white_space_around_them() -> None:
    assert list(read_snapshot(b" id , name\n1, x \n", "id ").frame.columns) == ["id", "name"]


def test_a_blank_line_is_no_row_among_several_columns() -> None:
    report = read_snapshot(b"id,a\n\n1,x\n\r\n\n2,y\n\n", "id").report
    assert (report.rows, report.members) == (2, 2)


def test_a_blank_line_is_an_empty_key_in_a_file_of_one_column() -> None:
    report = read_snapshot(b"id\n1\n\n2\n", "id").report
    assert (report.rows, report.members, report.empty_keys) == (3, 2, 1)
    assert report.dropped[0].row == 2


def test_a_header_alone_is_a_cohort_without_members() -> None:
    for text in (b"id,a", b"id,a\n", b"id,a\r\n\r\n"):
        snapshot = read_snapshot(text, "id")
        assert rows(snapshot) == [["id", "a"]]
        assert snapshot.report.rows == 0
        assert all(isinstance(kind, pd.StringDtype) for kind in snapshot.frame.dtypes)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_encoding_is_known_by_its_mark(encoding: str) -> None:
    assert rows(read_snapshot("id,name\n1,Zoë 🎉\n".encode(encoding), "id"))[1] == ["1", "Zoë 🎉"]


def test_utf_16_of_the_other_byte_order_is_read_too() -> None:
    assert rows(read_snapshot(b"\xfe\xff" + "id\né\n".encode("utf-16-be"), "id"))[1] == ["é"]


def test_another_encoding_is_refused_with_the_byte_position() -> None:
    message = refusal("id,name\n1,Zoë\n".encode("latin-1"))
    assert message.startswith("members.csv: The file is not UTF-8: byte position 12 (0xEB, line 2)")


def test_the_byte_position_counts_the_byte_order_mark_and_reaches_far_into_a_file() -> None:
    head = b"\xef\xbb\xbfid\n" + "é\n".encode() * 3_000_000
    assert f"byte position {len(head)} (0xFF" in refusal(head + b"\xff\n")
    assert f"byte position {len(head)} (0xC3" in refusal(head + b"\xc3")


def test_half_a_utf_16_character_is_refused_with_the_byte_position() -> None:
    assert "not UTF-16: byte position 12 " in refusal("id\nab".encode("utf-16") + b"\x00")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"\n\n", "The file has only blank lines."),
        (b"\xef\xbb\xbf", "The file has only blank lines."),
        (b"id,name,id\n1,2,3\n", 'Columns 1 and 3 have the same name, "id".'),
        (b"id,id \n1,2\n", 'Columns 1 and 2 have the same name, "id".'),
        (b"id,,name\n1,2,3\n", "Column 2 has no name."),
        (b"id,name,\n1,2,\n", "Column 3 has no name."),
        (b"id,name\n1,2\n3\n", "Row 2 (line 3) has 1 value, but the header has 2 columns."),
        (b'id,name\n1,"a\nb"\n\n3,4,5\n', "Row 2 (line 5) has 3 values, but the header has 2 columns."),
        (b'id,name\n1,a\n2,"b\n3,c\n', "Row 2, which begins on line 3, cannot be read: a quote is opened and never"),
        (b'id,name\n1,"a"x\n', "Row 1, which begins on line 2, cannot be read: text follows a closing quote."),
        (b'id,"na\n1,a\n', "The header line cannot be read: a quote is opened and never closed."),
        (b'"id"x,name\n', "The header line cannot be read: text follows a closing quote."),
        (b"id,name\n1,a\0\n", "There is a NUL at byte position 11"),
        ("id,name\n".encode("utf-16-le"), "There is a NUL at byte position 1"),
        ("id\n1\0\n".encode("utf-16"), "There is a NUL at byte position 10"),
        ("id\n".encode("utf-32"), "The file is in UTF-32"),
        (b"PK\x03\x04\x14\0", "This is a zip archive or an Excel workbook."),
        (b"\x89PNG\r\n\x1a\n", "The file is not UTF-8: byte position 0 (0x89, line 1)"),
        (b"user_id,name\n1,a\n", 'There is no column "id"; the columns are: user_id, name.'),
        (b"ID\n1\n", 'There is no column "id"; the columns are: ID.'),
    ],
)
def test_a_file_that_cannot_be_read_whole_gets_one_clear_sentence(content: bytes, sentence: str) -> None:
    assert sentence in refusal(content)


def test_a_mistake_in_a_large_quoted_file_is_still_found_by_row_and_line() -> None:
    good = b"".join(b'"%d","x"\r\n' % number for number in range(60_000))
    assert "Row 60001 (line 60002) has 1 value" in refusal(b'"id","name"\r\n' + good + b'"1"\r\n')


def test_a_quote_inside_an_unquoted_value_is_a_character_like_any_other() -> None:
    assert rows(read_snapshot(b'id,size\n1,5" nail\n2, "x"\n', "id"))[1:] == [["1", '5" nail'], ["2", ' "x"']]


def test_a_value_of_a_megabyte_is_read_whole() -> None:
    value = "é,\n" * 700_000
    text = f'id,note\n1,"{value}"\n2,{"x" * 20_000_000}\n'.encode()
    assert read_snapshot(text, "id").frame["note"].tolist() == [value, "x" * 20_000_000]


def test_a_gzipped_file_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "members.csv"
    path.write_bytes(gzip.compress("id,name\n1,Zoë\n".encode("utf-16")))
    assert rows(read_snapshot(path, "id")) == [["id", "name"], ["1", "Zoë"]]
    assert read_columns(path) == ("id", "name")


def test_gzip_parts_one_after_the_other_are_one_file() -> None:
    assert len(read_snapshot(gzip.compress(b"id\n1\n") + gzip.compress(b"2\n"), "id").frame) == 2


def test_a_gzip_file_that_is_cut_off_or_damaged_is_refused() -> None:
    whole = gzip.compress(b"id\n" + b"".join(b"%d\n" % number for number in range(10_000)))
    assert "The gzip file is cut off." in refusal(whole[:-5])
    assert "The gzip file is damaged." in refusal(whole[:100] + b"\xff\xff\xff\xff" + whole[104:])
    assert "The gzip file is damaged." in refusal(whole + b"rubbish")


def test_a_gzip_bomb_is_refused_when_it_passes_the_cap() -> None:
    packed = gzip.compress(b"id\n" + b"1" * 1_000_000)
    with pytest.raises(CohortFileError, match="The file unpacks to more than 1,000,002 bytes"):
        read_snapshot(packed, "id", limits=Limits(unpacked_bytes=1_000_002))
    assert len(read_snapshot(packed, "id", limits=Limits(unpacked_bytes=1_000_003)).frame) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_with_more_values_than_allowed_is_refused_before_it_is_read(packed: bool) -> None:
    text = b"id,plan\n" + b"1,pro\n" * 9
    with pytest.raises(CohortFileError, match="9 rows of 2 columns, more than 17 values"):
        read_snapshot(gzip.compress(text) if packed else text, "id", limits=Limits(cells=17))


def test_a_file_with_very_many_columns_is_refused() -> None:
    assert "at most 50,000 are read" in refusal(",".join(f"c{number}" for number in range(50_001)).encode() + b"\n")


def test_a_file_that_is_not_there_is_said_by_name(tmp_path: Path) -> None:
    for path in (tmp_path / "day-1.csv", tmp_path):
        with pytest.raises(CohortFileError, match=f"{path.name}: The file cannot be opened") as caught:
            read_snapshot(path, "id")
        assert str(tmp_path.parent) not in str(caught.value)


def test_the_columns_of_a_large_file_are_told_from_its_beginning() -> None:
    header = ",".join(f"column_{number}" for number in range(20_000))
    row = "," * 20_000 + "\n"
    broken_far_below = f"id,{header}\n{row * 200}".encode() + b"\xff"
    assert len(read_columns(broken_far_below)) == 20_001
    assert "not UTF-8" in refusal(broken_far_below)


def test_the_columns_told_are_those_that_are_read(tmp_path: Path) -> None:
    # The sample that settles the delimiter ends in the middle of a quoted value and of a character.
    path = tmp_path / "members.csv"
    path.write_text('id;"a,b";c\n' + '1;"é,\né";x\n' * 20_000, encoding="utf-8")
    assert read_columns(path) == tuple(read_snapshot(path, "id").frame.columns)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('first,last,address\nJo,Frank,"123 St\nAny, US"\n', ["Jo", "Frank", "123 St\nAny, US"]),
        ('a,b,c\r\n1,"",""\r\n', ["1", "", ""]),
        ('a,b\n1,"ha ""ha"" ha"\n', ["1", 'ha "ha" ha']),
        ('key,val\n1,"{""type"": ""Point"", ""at"": [1.0, 0.5]}"\n', ["1", '{"type": "Point", "at": [1.0, 0.5]}']),
        ('a,b\n1,"\n""x"" \r\n"\n', ["1", '\n"x" \r\n']),
        ('a,b\n"""","",\n'.replace(",\n", "\n"), ['"', ""]),
        ("a,b\n1,ʤ\n", ["1", "ʤ"]),
        ("a,b\n,\n1,2", ["1", "2"]),
    ],
)
def test_what_public_csv_suites_hold_against_readers(text: str, expected: list[str]) -> None:
    key = text.partition(",")[0]
    assert read_snapshot(text.encode(), key).frame.to_numpy().tolist() == [expected]
