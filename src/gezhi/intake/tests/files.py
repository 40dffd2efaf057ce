"""Small files of messages in many shapes, made up for the tests."""

import csv
import io
from typing import Any

import xlsxwriter

HEADER = ["留言编号", "留言用户", "留言主题", "留言时间", "留言详情", "反对数", "点赞数"]


def message(number: Any, *, time: Any = "2019/1/3 12:00:00", **more: Any) -> list[Any]:
    """A row under HEADER."""
    title = more.get("title", f"第{number}号路灯不亮")
    text = more.get("text", f"\n\t\t\t村口第{number}盏路灯一周不亮，晚上看不清路。\n\t\t")
    return [number, "A0001", title, time, text, 0, more.get("likes", 3)]


def xlsx(rows: list[list[Any]], *, before: int = 0) -> bytes:
    """A workbook; a str beginning with "=" is a formula, None an empty cell."""
    file = io.BytesIO()
    book = xlsxwriter.Workbook(file, {"default_date_format": "yyyy-mm-dd hh:mm"})
    sheet = book.add_worksheet()
    for line, row in enumerate(rows, before):
        for at, cell in enumerate(row):
            if cell is not None:
                sheet.write(line, at, cell)
    book.close()
    return file.getvalue()


def csv_file(rows: list[list[Any]], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode(encoding)
