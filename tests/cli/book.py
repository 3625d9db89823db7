#!/usr/bin/env python3
"""Writes a small workbook: book.py FILE.xlsx SHEET TEXT [SHEET TEXT …]

Rows of TEXT are lines, cells stand between bars: 12 a number, TRUE a boolean, #REF! an error, @45293 a number shown as a date,
=A1*2#24 a formula and its result (=A1*2# none stored), {=A1*2}#24 one of an array, 'x or anything else a text. An environment
variable DATE1904 makes the workbook count its days from 1904, FORMAT is the number format of @ cells.
"""

import os
import re
import sys
import zipfile
from xml.sax.saxutils import escape

NS = "http://schemas.openxmlformats.org/"
MAIN, REL = NS + "spreadsheetml/2006/main", NS + "officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


def value(text):
    if text in ("TRUE", "FALSE"):
        return ' t="b"', f"<v>{int(text == 'TRUE')}</v>"
    if re.fullmatch(r"#[A-Z/0!?]+", text):
        return ' t="e"', f"<v>{text}</v>"
    if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return "", f"<v>{text}</v>"
    return ' t="str"', f"<v>{escape(text)}</v>"


def cell(ref, text):
    style = ' s="1"' if text.startswith("@") else ""
    if text == "":
        return ""
    if text.startswith("="):
        formula, _, result = text[1:].partition("#")
        kind, shown = value(result) if result else ("", "")
        return f'<c r="{ref}"{kind}><f>{escape(formula)}</f>{shown}</c>'
    if text.startswith("{="):
        formula, _, result = text[2:].partition("}#")
        kind, shown = value(result)
        return f'<c r="{ref}"{kind}><f t="array" ref="{ref}">{escape(formula)}</f>{shown}</c>'
    if text.startswith("'") or value(text.lstrip("@"))[0] == ' t="str"':
        return f'<c r="{ref}" t="inlineStr"><is><t>{escape(text.lstrip(chr(39)))}</t></is></c>'
    kind, shown = value(text.lstrip("@"))
    return f'<c r="{ref}"{style}{kind}>{shown}</c>'


def sheet(text):
    rows = []
    for n, line in enumerate(text.rstrip("\n").split("\n"), 1):
        cells = [cell(f"{chr(65 + k)}{n}", c) for k, c in enumerate(line.split("|"))]
        rows.append(f'<row r="{n}">{"".join(cells)}</row>')
    return f'{HEAD}<worksheet xmlns="{MAIN}"><sheetData>{"".join(rows)}</sheetData></worksheet>'


def main(out, *sheets):
    names, texts = sheets[::2], sheets[1::2]
    count = range(1, len(names) + 1)
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml."
    types = "".join(f'<Override PartName="/xl/worksheets/sheet{i}.xml" ContentType="{office}worksheet+xml"/>' for i in count)
    relations = "".join(f'<Relationship Id="rId{i}" Type="{REL}/worksheet" Target="worksheets/sheet{i}.xml"/>' for i in count)
    listed = "".join(f'<sheet name="{escape(n)}" sheetId="{i}" r:id="rId{i}"/>' for i, n in zip(count, names))
    code = escape(os.environ.get("FORMAT", ""), {'"': "&quot;"})
    own = f'<numFmts count="1"><numFmt numFmtId="164" formatCode="{code}"/></numFmts>' if code else ""
    date = '<workbookPr date1904="1"/>' if os.environ.get("DATE1904") else ""
    package = NS + "package/2006/"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{office}sheet.main+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{office}styles+xml"/>{types}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}relationships"><Relationship Id="rId1" '
        f'Type="{REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{REL}">{date}<sheets>{listed}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}relationships">{relations}'
        f'<Relationship Id="rIdS" Type="{REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{own}<cellXfs count="2"><xf numFmtId="0"/>'
        f'<xf numFmtId="{164 if own else 14}" applyNumberFormat="1"/></cellXfs></styleSheet>',
    }
    for i, text in zip(count, texts):
        parts[f"xl/worksheets/sheet{i}.xml"] = sheet(text)
    with zipfile.ZipFile(out, "w") as z:
        for name, text in parts.items():
            text = text if text.startswith("<?xml") else HEAD + text
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 0, 0, 0)), text)


main(*sys.argv[1:])
