#!/usr/bin/env python3
"""Makes a seeded pair of workbooks, before and after an edit, with the truth about what changed.

    gen_book.py DIR --rows N --format xlsx|ods [edits]   writes DIR/before.*, after.* and truth.json

Rows, edits and truth.json are those of gen_table.py, whose options these are. The parts and
the elements are those that Excel and LibreOffice write: shared strings, dates by a style, an amount
that is a formula with its value (H2*I2, shared by up to a thousand rows). Where the edit changed an
amount, a constant stands in place of the formula.
The same arguments give the same bytes.
"""

import argparse
import datetime
import itertools
import os
import zipfile
from xml.sax.saxutils import escape

from gen_table import COLUMNS, make_pair, table_arguments, write_truth

NUMBERS = "id", "qty", "price"
LETTERS = "ABCDEFGHIJKL"
SHARED = 1000  # rows that share a formula
BATCH = 200  # rows that are written at once
EPOCH = datetime.date(1899, 12, 30)
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml."

# ---- Excel's way ----

CONTENT_TYPES = f"""{XML}<Types xmlns="{PACKAGE}/content-types">\
<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Override PartName="/xl/workbook.xml" ContentType="{TYPES}sheet.main+xml"/>\
<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{TYPES}worksheet+xml"/>\
<Override PartName="/xl/styles.xml" ContentType="{TYPES}styles+xml"/>\
<Override PartName="/xl/sharedStrings.xml" ContentType="{TYPES}sharedStrings+xml"/></Types>"""
ROOT_RELS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" \
Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"""
WORKBOOK = f"""{XML}<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><workbookPr \
defaultThemeVersion="124226"/><bookViews><workbookView xWindow="240" yWindow="15" \
windowWidth="16095" windowHeight="9660"/></bookViews><sheets><sheet name="Orders" sheetId="1" \
r:id="rId1"/></sheets><calcPr calcId="191029"/></workbook>"""
WORKBOOK_RELS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships">\
<Relationship Id="rId1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/>\
<Relationship Id="rId2" Type="{RELATIONS}/styles" Target="styles.xml"/>\
<Relationship Id="rId3" Type="{RELATIONS}/sharedStrings" Target="sharedStrings.xml"/>\
</Relationships>"""
STYLES = f"""{XML}<styleSheet xmlns="{MAIN}"><fonts count="1"><font><sz val="11"/>\
<name val="Calibri"/><family val="2"/></font></fonts><fills count="2"><fill><patternFill \
patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>\
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>\
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>\
<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>\
<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>\
<xf numFmtId="4" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>\
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>"""
SHEET_HEAD = f"""{XML}<worksheet xmlns="{MAIN}" xmlns:r="{RELATIONS}" \
xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" mc:Ignorable="x14ac" \
xmlns:x14ac="http://schemas.microsoft.com/office/spreadsheetml/2009/9/ac">\
<dimension ref="A1:L%d"/><sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>\
<sheetFormatPr defaultRowHeight="15" x14ac:dyDescent="0.25"/><cols><col min="2" max="2" \
width="10.7109375" bestFit="1" customWidth="1"/></cols><sheetData>"""
SHEET_FOOT = (
    '</sheetData><pageMargins left="0.7" right="0.7" top="0.75" bottom="0.75" header="0.3"'
    ' footer="0.3"/></worksheet>'
)


def amount(row):
    """What the formula gives, as both programs write it."""
    return repr(round(float(row[8]) * 100) * int(row[7]) / 100).removesuffix(".0")


def shortest(number):
    return repr(float(number)).removesuffix(".0")


class Xlsx:
    def __init__(self, row_count, constants):
        self.row_count, self.constants = row_count, constants
        self.strings, self.references, self.shared = {}, 0, -1

    def string(self, ref, text):
        self.references += 1
        number = self.strings.setdefault(text, len(self.strings))
        return f'<c r="{ref}" t="s"><v>{number}</v></c>'

    def formula(self, n):
        """Of row n, the first is 2. The first cell of a group that has one holds its text."""
        group = (n - 2) // SHARED
        if group == self.shared:
            return f'<f t="shared" si="{group}"/>'
        self.shared = group
        last = min((group + 1) * SHARED, self.row_count) + 1
        return f'<f t="shared" ref="J{n}:J{last}" si="{group}">H{n}*I{n}</f>'

    def cell(self, k, n, row):
        name, value, ref = COLUMNS[k], row[k], f"{LETTERS[k]}{n}"
        if name in NUMBERS:
            style = ' s="2"' if name == "price" else ""
            return f'<c r="{ref}"{style}><v>{shortest(value) if style else value}</v></c>'
        if name == "date":
            serial = (datetime.date.fromisoformat(value) - EPOCH).days
            return f'<c r="{ref}" s="1"><v>{serial}</v></c>'
        if name == "amount":
            if row[0] in self.constants:
                return f'<c r="{ref}" s="2"><v>{shortest(value)}</v></c>'
            return f'<c r="{ref}" s="2">{self.formula(n)}<v>{amount(row)}</v></c>'
        return self.string(ref, value) if value else ""

    def row(self, n, row):
        cells = "".join([self.cell(k, n, row) for k in range(len(row))])
        return f'<row r="{n}" spans="1:12" x14ac:dyDescent="0.25">{cells}</row>'

    def head(self):
        cells = "".join(self.string(f"{LETTERS[k]}1", name) for k, name in enumerate(COLUMNS))
        return f'<row r="1" spans="1:12" x14ac:dyDescent="0.25">{cells}</row>'

    def sheet(self, rows):
        yield SHEET_HEAD % (len(rows) + 1) + self.head()
        yield from (self.row(n, row) for n, row in enumerate(rows, 2))
        yield SHEET_FOOT

    def table(self):
        counts = f'count="{self.references}" uniqueCount="{len(self.strings)}"'
        yield f'{XML}<sst xmlns="{MAIN}" {counts}>'
        yield from (f"<si><t>{escape(text)}</t></si>" for text in self.strings)
        yield "</sst>"

    def parts(self, rows):
        yield "[Content_Types].xml", [CONTENT_TYPES]
        yield "_rels/.rels", [ROOT_RELS]
        yield "xl/workbook.xml", [WORKBOOK]
        yield "xl/_rels/workbook.xml.rels", [WORKBOOK_RELS]
        yield "xl/worksheets/sheet1.xml", self.sheet(rows)
        yield "xl/styles.xml", [STYLES]
        yield "xl/sharedStrings.xml", self.table()


# ---- LibreOffice's way ----

OASIS = "urn:oasis:names:tc:opendocument:xmlns"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
MIMETYPE = "application/vnd.oasis.opendocument.spreadsheet"
NAMESPACES = (
    "".join(
        f' xmlns:{name}="{OASIS}:{path}:1.0"'
        for name, path in (("office", "office"), ("style", "style"), ("text", "text"))
        + (("table", "table"), ("number", "datastyle"), ("fo", "xsl-fo-compatible"))
    )
    + ' xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"'
    + ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    + ' office:version="1.3"'
)
MANIFEST = f"""{DECLARATION}<manifest:manifest xmlns:manifest="{OASIS}:manifest:1.0" \
manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:version="1.3" \
manifest:media-type="{MIMETYPE}"/><manifest:file-entry manifest:full-path="content.xml" \
manifest:media-type="text/xml"/><manifest:file-entry manifest:full-path="styles.xml" \
manifest:media-type="text/xml"/></manifest:manifest>"""
ODS_STYLES = f"""{DECLARATION}<office:document-styles{NAMESPACES}><office:styles/>\
</office:document-styles>"""
ODS_HEAD = f"""{DECLARATION}<office:document-content{NAMESPACES}><office:automatic-styles>\
<style:style style:name="co1" style:family="table-column"/><style:style style:name="ro1" \
style:family="table-row"/><style:style style:name="ta1" style:family="table"/>\
<number:date-style style:name="N49"><number:year number:style="long"/><number:text>-</number:text>\
<number:month number:style="long"/><number:text>-</number:text><number:day number:style="long"/>\
</number:date-style><number:number-style style:name="N4"><number:number number:decimal-places="2" \
number:min-integer-digits="1" number:grouping="true"/></number:number-style>\
<style:style style:name="ce1" style:family="table-cell" style:data-style-name="N49"/>\
<style:style style:name="ce2" style:family="table-cell" style:data-style-name="N4"/>\
</office:automatic-styles><office:body><office:spreadsheet><table:table table:name="Orders" \
table:style-name="ta1"><table:table-column table:style-name="co1" \
table:number-columns-repeated="16384" table:default-cell-style-name="Default"/>"""
ODS_FOOT = f"""<table:table-row table:style-name="ro1" table:number-rows-repeated="%d">\
<table:table-cell table:number-columns-repeated="16384"/></table:table-row></table:table>\
<table:named-expressions/></office:spreadsheet></office:body></office:document-content>"""
SHEET_ROWS = 1048576


class Ods:
    def __init__(self, row_count, constants):
        self.row_count, self.constants = row_count, constants

    def cell(self, k, n, row):
        name, value = COLUMNS[k], row[k]
        if name in NUMBERS or name == "amount":
            number, more = shortest(value) if name == "price" else value, ""
            if name == "amount":
                formula = row[0] not in self.constants
                number = amount(row) if formula else shortest(value)
                more = f' table:formula="of:=[.H{n}]*[.I{n}]"' if formula else ""
            style = ' table:style-name="ce2"' if name in ("price", "amount") else ""
            shown = f"{float(number):,.2f}" if style else number
            kind = f'office:value-type="float" office:value="{number}" calcext:value-type="float"'
            return self.filled(f"{style}{more} {kind}", shown)
        if name == "date":
            kind = f'office:value-type="date" office:date-value="{value}" calcext:value-type="date"'
            return self.filled(f' table:style-name="ce1" {kind}', value)
        return self.string(value) if value else "<table:table-cell/>"

    def string(self, text):
        kind = 'office:value-type="string" calcext:value-type="string"'
        return self.filled(f" {kind}", escape(text))

    def filled(self, attributes, text):
        return f"<table:table-cell{attributes}><text:p>{text}</text:p></table:table-cell>"

    def row(self, cells):
        rest = '<table:table-cell table:number-columns-repeated="16372"/>'
        return f'<table:table-row table:style-name="ro1">{cells}{rest}</table:table-row>'

    def content(self, rows):
        yield ODS_HEAD + self.row("".join(map(self.string, COLUMNS)))
        for n, row in enumerate(rows, 2):
            yield self.row("".join([self.cell(k, n, row) for k in range(len(row))]))
        yield ODS_FOOT % (SHEET_ROWS - self.row_count - 1)

    def parts(self, rows):
        yield "mimetype", [MIMETYPE]
        yield "content.xml", self.content(rows)
        yield "styles.xml", [ODS_STYLES]
        yield "META-INF/manifest.xml", [MANIFEST]


# ---- the package ----


def write_part(book, name, texts):
    info = zipfile.ZipInfo(name)  # of 1980, so that the bytes are the same
    info.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
    texts = iter(texts)
    with book.open(info, "w") as part:
        while batch := "".join(itertools.islice(texts, BATCH)):
            part.write(batch.encode())


def write_parts(path, parts):
    """@parts  names and the texts that make up each part"""
    with zipfile.ZipFile(path, "w", compresslevel=6) as book:
        for name, texts in parts:
            write_part(book, name, texts)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    table_arguments(parser)
    parser.add_argument("--format", choices=("xlsx", "ods"), required=True)
    args = parser.parse_args()
    before, after, truth = make_pair(args)
    constants = {cell[0] for cell in truth["cells"] if cell[1] == "amount"}
    writer = {"xlsx": Xlsx, "ods": Ods}[args.format]
    os.makedirs(args.dir, exist_ok=True)
    for side, rows, plain in (("before", before, ()), ("after", after, constants)):
        write_parts(f"{args.dir}/{side}.{args.format}", writer(len(rows), plain).parts(rows))
    write_truth(args.dir, truth)


if __name__ == "__main__":
    main()
