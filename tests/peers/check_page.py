"""Reads a page as the HTML standard says and fails at the first fault."""

import sys

import html5lib

with open(sys.argv[1], "rb") as page:
    html5lib.HTMLParser(strict=True).parse(page, transport_encoding="utf-8")
