#!/usr/bin/env python3
"""Gives a workbook of book.py more than cells: dress.py FILE.xlsx WHAT …

validations=N, formats, comment=AUTHOR:TEXT, chart or chart=RANGE, macro, external=TARGET, protected, hidden-rows, sheet=STATE,
author=NAME, pivot, label, name=NAME:RANGE, validation=RANGE; all on its first sheet.
"""

import sys
import zipfile
from xml.sax.saxutils import escape

NS = "http://schemas.openxmlformats.org/"
MAIN, REL = NS + "spreadsheetml/2006/main", NS + "officeDocument/2006/relationships"
CHART, DRAW = NS + "drawingml/2006/chart", NS + "drawingml/2006/main"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
SHEET, BOOK = "xl/worksheets/sheet1.xml", "xl/workbook.xml"


def read(path):
    with zipfile.ZipFile(path) as z:
        return {i.filename: z.read(i).decode() for i in z.infolist()}


def write(path, parts):
    with zipfile.ZipFile(path, "w") as z:
        for name, text in parts.items():
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 0, 0, 0)), text)


def rels_of(part):
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels" if folder else "_rels/.rels"


def relate(parts, part, kind, target, outside=False):
    rels = rels_of(part)
    text = parts.get(rels, f'{HEAD}<Relationships xmlns="{NS}package/2006/relationships"></Relationships>')
    number = "x%d" % text.count("<Relationship ")
    mode = ' TargetMode="External"' if outside else ""
    one = f'<Relationship Id="{number}" Type="{REL}/{kind}" Target="{escape(target)}"{mode}/>'
    parts[rels] = text.replace("</Relationships>", one + "</Relationships>")
    return number


def add(parts, name, text):
    parts[name] = HEAD + text


def behind_rows(parts, text):
    parts[SHEET] = parts[SHEET].replace("</worksheet>", text + "</worksheet>")


def validations(parts, count):
    one = '<dataValidation type="list" sqref="C{0}"><formula1>"yes,no"</formula1></dataValidation>'
    behind_rows(parts, "<dataValidations>%s</dataValidations>" % "".join(one.format(i + 2) for i in range(int(count))))


def formats(parts, _):
    behind_rows(parts, '<conditionalFormatting sqref="B2:B9"><cfRule type="cellIs" operator="lessThan">'
                "<formula>0</formula></cfRule></conditionalFormatting>")


def comment(parts, what):
    author, _, text = what.partition(":")
    add(parts, "xl/comments1.xml", f'<comments xmlns="{MAIN}"><authors><author>{escape(author)}</author></authors><commentList>'
        f'<comment ref="B2" authorId="0"><text><t>{escape(text)}</t></text></comment></commentList></comments>')
    relate(parts, SHEET, "comments", "/xl/comments1.xml")


def validation(parts, ranges):
    behind_rows(parts, f'<dataValidations><dataValidation type="list" sqref="{ranges}"><formula1>"yes,no"</formula1>'
                "</dataValidation></dataValidations>")


def name(parts, what):
    called, _, of = what.partition(":")
    parts[BOOK] = parts[BOOK].replace("</workbook>", f'<definedNames><definedName name="{called}">{escape(of)}</definedName>'
                                      "</definedNames></workbook>")


def chart(parts, ranges):
    add(parts, "xl/chart1.xml", f'<c:chartSpace xmlns:c="{CHART}" xmlns:a="{DRAW}"><c:chart><c:title><a:t>Prices</a:t></c:title>'
        f"<c:plotArea><c:barChart><c:ser><c:val><c:f>{escape(ranges) or 'Sheet1!$B$2:$B$4'}</c:f></c:val></c:ser></c:barChart></c:plotArea></c:chart>"
        "</c:chartSpace>")
    number = relate(parts, "xl/drawing1.xml", "chart", "/xl/chart1.xml")
    where = NS + "drawingml/2006/spreadsheetDrawing"
    add(parts, "xl/drawing1.xml", f'<d:wsDr xmlns:d="{where}" xmlns:c="{CHART}" xmlns:r="{REL}"><d:twoCellAnchor><d:from>'
        f'<d:col>4</d:col><d:row>1</d:row></d:from><c:chart r:id="{number}"/></d:twoCellAnchor></d:wsDr>')
    relate(parts, SHEET, "drawing", "/xl/drawing1.xml")


def macro(parts, _):
    parts["xl/vbaProject.bin"] = "Sub Workbook_Open()"
    relate(parts, BOOK, "vbaProject", "/xl/vbaProject.bin")


def external(parts, target):
    add(parts, "xl/link1.xml", f'<externalLink xmlns="{MAIN}"/>')
    relate(parts, "xl/link1.xml", "externalLinkPath", target, outside=True)
    relate(parts, BOOK, "externalLink", "/xl/link1.xml")


def protected(parts, _):
    behind_rows(parts, '<sheetProtection sheet="1"/>')


def hidden_rows(parts, _):
    parts[SHEET] = parts[SHEET].replace('<row r="3">', '<row r="3" hidden="1">')


def sheet(parts, state):
    parts[BOOK] = parts[BOOK].replace(' sheetId="1"', f' sheetId="1" state="{state}"')


def author(parts, name):
    core = NS + "package/2006/metadata/core-properties"
    add(parts, "docProps/core.xml", f'<c:coreProperties xmlns:c="{core}" xmlns:d="http://purl.org/dc/elements/1.1/">'
        f"<d:creator>{escape(name)}</d:creator></c:coreProperties>")
    relate(parts, "", "core-properties", "docProps/core.xml")


def label(parts, _):
    add(parts, "docMetadata/LabelInfo.xml", "<labelList/>")
    kind = "application/vnd.ms-office.classificationlabels+xml"
    one = f'<Override PartName="/docMetadata/LabelInfo.xml" ContentType="{kind}"/>'
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace("</Types>", one + "</Types>")


def pivot(parts, _):
    add(parts, "xl/cache1.xml", f'<pivotCacheDefinition xmlns="{MAIN}" recordCount="3"><cacheSource type="worksheet">'
        '<worksheetSource ref="A1:C4" sheet="Sheet1"/></cacheSource></pivotCacheDefinition>')
    add(parts, "xl/records1.xml", f'<pivotCacheRecords xmlns="{MAIN}"/>')
    relate(parts, "xl/cache1.xml", "pivotCacheRecords", "/xl/records1.xml")
    relate(parts, BOOK, "pivotCacheDefinition", "/xl/cache1.xml")


def main(path, *wishes):
    parts = read(path)
    for wish in wishes:
        what, _, value = wish.partition("=")
        globals()[what.replace("-", "_")](parts, value)
    write(path, parts)


main(*sys.argv[1:])
