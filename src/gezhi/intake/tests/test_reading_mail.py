"""What a mail says; and one that is made to be dear to read costs no more than its length."""

import time

import pytest

from gezhi.intake.errors import WrongRow
from gezhi.intake.rules.mail import Writer, decode, name_of, read_header, read_mail
from gezhi.intake.rules.markup import words_of

_MB = 1024 * 1024


@pytest.mark.parametrize(
    ("markup", "words"),
    [
        ("<p>一<br/>二</p>三 &lt;b&gt;&nbsp;a<3", "一\n二\n三 <b> a<3"),
        ("""<a href='x>y' title="李 <li@x.y>">看</a> it's <b class=x>好</b>""", "看 it's 好"),
        ("<head><title>x</title><style>p{}</style></head><body>见", "见"),
        ("<head><title>x</title><body>见", "见"),
        ("<script>if (a<b) '</p>';</script>见<STYLE>p</Style >了", "见了"),
        ("<!--[if mso]>不<![endif]--><!--[if !mso]><!-->见<!--<![endif]--><!-->了", "见了"),
        ("<table><tr><td>甲</td><td>乙</td></tr></table>", "甲 乙"),
        ("<noscript>不<title>不</title>不</noscript>见<template>不", "见"),
        ("见<!-- 不", "见"),
        ("见<a title=\"不", "见"),
        ("见&#" + "1" * 5000 + ";了", "见了"),
    ],
)  # fmt: skip
def test_of_markup_a_reader_sees(markup, words):
    assert words_of(markup) == words


@pytest.mark.parametrize(
    "piece", ["<a ", '<a =">" ', "<a ='", "<!--", "<!", "<script>", "<title>", "</p>", "&lt", "&#1"]
)
def test_markup_costs_no_more_than_its_length(piece):
    began = time.monotonic()
    words_of(piece * (_MB // len(piece)))
    assert time.monotonic() - began < 5, "hours, when it looks back"


def _nested(levels: int) -> bytes:
    return b"".join(
        b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n" % (at, at) for at in range(levels)
    )


@pytest.mark.parametrize(
    "raw",
    [
        _nested(300) + b"\n" * 20 * _MB,
        _nested(1) + b"--0\n\n" * 4 * _MB,
        _nested(1) + b"--0\r\r" * 4 * _MB,
        b"a:b\n" * 5 * _MB,
    ],
    ids=["lines in levels", "parts", "parts of old Macs", "headers"],
)
def test_a_mail_of_too_much_work_is_not_begun(raw):
    began = time.monotonic()
    with pytest.raises(WrongRow, match="mail_parts"):
        read_mail(raw, own=(), most_files=9)
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("name", ["Content-Type", "From", "Subject", "References", "Message-ID"])
@pytest.mark.parametrize("sign", [";", "(", "<", "=?gbk?Q?a?= ", "\\"])
def test_a_header_without_end_is_cut(name, sign):
    raw = f"{name}: text/plain; {sign * (2 * _MB // len(sign))}\n\n水管破裂".encode()
    began = time.monotonic()
    read_header(raw)
    name_of(raw)
    assert read_mail(raw, own=(), most_files=9).incoming.what.endswith("水管破裂")
    assert time.monotonic() - began < 5


def test_a_large_mail_with_what_people_send_is_read():
    lines = b"".join(b"%076d\n" % at for at in range(300_000))
    raw = (
        b"From: a@x.y\nContent-Type: multipart/mixed; boundary=0\n\n--0\n\nwords\n--0\n"
        b"Content-Type: text/csv\nContent-Disposition: attachment; filename=a.csv\n\n" + lines
    )
    assert read_mail(raw, own=(), most_files=9).incoming.what == "words"


@pytest.mark.parametrize("charset", ["unicode_escape", "raw_unicode_escape", "utf-7", "idna", "x"])
def test_what_is_no_charset_of_text_decodes_nothing(charset):
    assert decode(b"a\\ud800+2AA-", charset) == "a\\ud800+2AA-"


@pytest.mark.parametrize(
    "charset", ["big5", "shift_jis", "euc-kr", "windows-1251", "iso-8859-5", "utf-16", "hz"]
)
def test_what_is_a_charset_decodes(charset):
    words = "Привет" if charset[-1] in "15" and charset != "big5" else "日本"
    assert decode(words.encode(charset), charset) == words


@pytest.mark.parametrize(
    "raw",
    [b"Message-ID: =?utf-7?Q?<+2AA-@x.y>?=\n\n", _nested(1200)],
    ids=["no sign of text", "levels without end"],
)
def test_every_mail_has_a_name(raw):
    """It is asked for outside of what keeps a mail that can't be read."""
    assert name_of(raw) == name_of(raw)
    assert read_header(raw) == Writer()
