#!/usr/bin/env python3
"""Makes pairs of small workbooks that ask for much memory or time, one edit apart.

    gen_bombs.py DIR        writes DIR/NAME/before.*, after.* and truth.json

    strings-packed   XLSX whose table of strings has 1 GB when unpacked
    strings-shared   XLSX with a string of 1 MB that 12,000 cells show: 12 GB of text
    repeats          ODS with 999,999,999 times 999,999,999 equal cells
    dimension        XLSX that says it has a million columns, and has six cells

truth.json: cells, the edited cells of a workbook that can be read whole; null where a limit must
be named. The same bytes each time.
"""

import json
import os
import sys

from gen_book import CONTENT_TYPES, MAIN, MANIFEST, MIMETYPE, ODS_HEAD, ODS_STYLES, ROOT_RELS
from gen_book import STYLES, WORKBOOK, WORKBOOK_RELS, XML, write_parts

MILLION = 1_000_000
LAST = "BDWGN1048576"  # column 1,000,000
REPEATS = 999_999_999


def xlsx(sheet, strings):
    yield "[Content_Types].xml", [CONTENT_TYPES]
    yield "_rels/.rels", [ROOT_RELS]
    yield "xl/workbook.xml", [WORKBOOK]
    yield "xl/_rels/workbook.xml.rels", [WORKBOOK_RELS]
    yield "xl/worksheets/sheet1.xml", sheet
    yield "xl/styles.xml", [STYLES]
    yield "xl/sharedStrings.xml", strings


def string_table(texts):
    yield f'{XML}<sst xmlns="{MAIN}">'
    yield from (f"<si><t>{text}</t></si>" for text in texts)
    yield "</sst>"


def sheet_of(rows, dimension="A1:A3"):
    """@rows  each the XML of its cells"""
    yield f'{XML}<worksheet xmlns="{MAIN}"><dimension ref="{dimension}"/><sheetData>'
    yield from (f'<row r="{n}">{cells}</row>' for n, cells in enumerate(rows, 1))
    yield "</sheetData></worksheet>"


def text(ref, number):
    return f'<c r="{ref}" t="s"><v>{number}</v></c>'


def number(ref, value):
    return f'<c r="{ref}"><v>{value}</v></c>'


def strings_packed(edit):
    rows = (text(f"A{n}", n - 1) + number(f"B{n}", n + edit) for n in range(1, 4))
    return "xlsx", xlsx(sheet_of(rows), string_table("x" * MILLION for _ in range(1000)))


def strings_shared(edit):
    last = [number("A12001", 1 + edit)]
    rows = [text(f"A{n}", 0) for n in range(1, 12001)] + last
    return "xlsx", xlsx(sheet_of(rows, "A1:A12001"), string_table(["y" * MILLION]))


def dimension(edit):
    names = "".join(text(f"{c}1", k) for k, c in enumerate("AB"))
    rows = [names] + [number(f"A{n}", n) + number(f"B{n}", n * 10) for n in (2, 3)]
    rows[2] = number("A3", 3) + number("B3", 30 + edit)
    return "xlsx", xlsx(sheet_of(rows, f"A1:{LAST}"), string_table(["id", "price"]))


def repeats(edit):
    kind = 'office:value-type="float" office:value'
    many = f'<table:table-cell table:number-columns-repeated="{REPEATS}" {kind}="{1 + edit}"/>'
    rows = f'<table:table-row table:number-rows-repeated="{REPEATS}">{many}</table:table-row>'
    foot = "</table:table></office:spreadsheet></office:body></office:document-content>"
    parts = [("mimetype", [MIMETYPE]), ("content.xml", [ODS_HEAD, rows, foot])]
    return "ods", parts + [("styles.xml", [ODS_STYLES]), ("META-INF/manifest.xml", [MANIFEST])]


# name: maker, cells that were edited
BOMBS = {
    "strings-packed": (strings_packed, None),
    "strings-shared": (strings_shared, None),
    "repeats": (repeats, None),
    "dimension": (dimension, 1),
}


def main():
    for name, (make, cells) in BOMBS.items():
        folder = os.path.join(sys.argv[1], name)
        os.makedirs(folder, exist_ok=True)
        for side, edit in (("before", 0), ("after", 1)):
            suffix, parts = make(edit)
            write_parts(f"{folder}/{side}.{suffix}", parts)
        with open(f"{folder}/truth.json", "w", encoding="utf-8") as f:
            json.dump({"cells": cells}, f)


main()
