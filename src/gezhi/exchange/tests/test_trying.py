"""What an answer of another system says to people."""

import pytest

from gezhi.exchange.rules import plain_words


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"unknown category", "unknown category"),
        (b"", ""),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b'{"error": "<b>no</b>"}', '{"error": "<b>no</b>"}'),
        (b"<errors><error>no</error></errors>", "<errors><error>no</error></errors>"),
        (
            "<!doctype html>\n<html lang=zh><head><title>\n 没有这一页 &amp; 别的</title>".encode(),
            "没有这一页 & 别的",
        ),
        (b"<HTML><body>502 Bad Gateway</body></HTML>", ""),
    ],
)
def test_a_page_says_its_title_and_no_markup(body: bytes, words: str) -> None:
    assert plain_words(body) == words
