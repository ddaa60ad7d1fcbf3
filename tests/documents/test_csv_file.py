"""CSV that no spreadsheet runs."""

from datetime import date

import pytest

from duban.documents.csv_file import csv_safe, to_csv
from duban.documents.sheets import Column, Sheet

pytestmark = pytest.mark.engine_free


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("=1+1", "'=1+1"),
        ("+86", "'+86"),
        ("-3", "'-3"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("＝1", "'＝1"),
        ("＠x", "'＠x"),
        ("80%重点项目", "80%重点项目"),
        ("1-2条", "1-2条"),
        ("", ""),
        (None, ""),
        (-5, "'-5"),
        (14, "14"),
        (date(2020, 6, 20), "2020-06-20"),
    ],
)
def test_what_begins_like_a_formula_gets_an_apostrophe(value, expected):
    assert csv_safe(value) == expected


def test_bytes_open_in_excel_and_wps():
    sheet = Sheet(
        name="台账",
        title="不写进 CSV",
        columns=(Column("序号", 6), Column("=内容", 40)),
        rows=(("1", '甲，"乙"\n丙,丁'), ("2", None)),
        merged=(1,),
    )
    assert to_csv(sheet) == '\ufeff序号,\'=内容\r\n1,"甲，""乙""\n丙,丁"\r\n2,\r\n'.encode()
