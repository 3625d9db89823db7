"""Writes PDF files of plain text: one font, 50 lines a page, compressed, the same bytes each time."""

import textwrap
import zlib

LINES = 50  # of a page
WIDTH = 95  # characters of a line
LEADING = 14  # points from line to line


def page_content(lines):
    """The page's text; letters that the font lacks become question marks."""
    out = [f"BT /F1 10 Tf {LEADING} TL 50 780 Td"]
    for line in lines:
        line = line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
        out.append(f"({line}) Tj T*")
    return zlib.compress("\n".join([*out, "ET"]).encode("cp1252", "replace"))


def lines_of(paragraphs):
    for text in paragraphs:
        yield from textwrap.wrap(text, WIDTH)
        yield ""


def objects_of(pages, date):
    """The objects of a document, the first has the number 1."""
    kids = " ".join(f"{5 + 2 * k} 0 R" for k in range(len(pages)))
    stamp = "".join(filter(str.isdigit, date))
    yield b"<</Type/Catalog/Pages 2 0 R>>"
    yield f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}>>".encode()
    yield b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    yield f"<</Producer(bench)/ModDate(D:{stamp}Z)>>".encode()
    box = "/MediaBox[0 0 595 842]/Resources<</Font<</F1 3 0 R>>>>"
    for k, content in enumerate(pages):
        yield f"<</Type/Page/Parent 2 0 R{box}/Contents {6 + 2 * k} 0 R>>".encode()
        head = f"<</Length {len(content)}/Filter/FlateDecode>>stream\n"
        yield head.encode() + content + b"\nendstream"


def pdf_bytes(objects):
    """A file of these objects, the first of which is the catalog and the fourth the properties."""
    out, places = bytearray(b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table, size = len(out), len(places) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<</Size %d/Root 1 0 R/Info 4 0 R>>\n" % size
    return bytes(out + b"startxref\n%d\n%%%%EOF\n" % table)


def write_pdf(path, paragraphs, date):
    lines = list(lines_of(paragraphs))
    pages = [page_content(lines[k : k + LINES]) for k in range(0, len(lines), LINES)]
    with open(path, "wb") as f:
        f.write(pdf_bytes(objects_of(pages, date)))
