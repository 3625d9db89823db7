#!/usr/bin/env python3
"""Makes seeded pairs of documents, before and after an edit, with the truth about what changed.

    gen_docs.py DIR [options]     writes DIR/before/doc0001.docx …, DIR/after/…, DIR/truth.json

    --docs N        [1] pairs              --formats LIST  [docx] of docx, txt, pdf
    --paragraphs N  [200] in each, every twentieth a heading
    --words N       [40] in a paragraph, from half of it to half more
    --edits N       [3] paragraphs in which one to three words became others; after that, one
                    was deleted, one added, one moved
    --shift         no edits, but a paragraph added in front of all others
    --word          DOCX as Word leaves it: runs cut by spelling marks and revision numbers,
                    properties on each; without, two runs a paragraph

The last tenth of the pairs (of ten or more) were only saved again: other dates, another order in
the zip. A DOCX has a table, a picture, styles and properties; a PDF has 50 lines a page.
truth.json: for each file edited, deleted, added, moved. The same arguments give the same bytes.
"""

import argparse
import itertools
import json
import os
import random
import struct
import zipfile
import zlib
from xml.sax.saxutils import escape

from write_pdf import write_pdf

COMMON = (
    "the project plan for this quarter sets out how our team will deliver the new service to "
    "clients and what it will cost we agreed that the budget may change when suppliers raise "
    "prices but no order is placed without written approval by finance the review meeting takes "
    "place every second Monday in Zürich and minutes are sent to all people who took part"
).split()
SYLLABLES = "an ber con de er for gran hol in kor lan men ne or per qui re sta ter un ver wes".split()
RARE = ["".join(three) for three in itertools.product(SYLLABLES, repeat=3)]
CUT = 6  # words of a run in a document as Word leaves it
XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
MAIN = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006"
TYPES = "application/vnd.openxmlformats-officedocument.wordprocessingml"
PACKAGE_TYPES = "application/vnd.openxmlformats-package"
CONTENT_TYPES = f"""{XML}<Types xmlns="{PACKAGE}/content-types">\
<Default Extension="rels" ContentType="{PACKAGE_TYPES}.relationships+xml"/>\
<Default Extension="xml" ContentType="application/xml"/>\
<Default Extension="png" ContentType="image/png"/>\
<Override PartName="/word/document.xml" ContentType="{TYPES}.document.main+xml"/>\
<Override PartName="/word/styles.xml" ContentType="{TYPES}.styles+xml"/>\
<Override PartName="/docProps/core.xml" ContentType="{PACKAGE_TYPES}.core-properties+xml"/></Types>"""
ROOT_RELS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" \
Type="{OFFICE}/relationships/officeDocument" Target="word/document.xml"/><Relationship Id="rId2" \
Type="{PACKAGE}/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>"""
DOCUMENT_RELS = f"""{XML}<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" \
Type="{OFFICE}/relationships/styles" Target="styles.xml"/><Relationship Id="rId9" \
Type="{OFFICE}/relationships/image" Target="media/image1.png"/></Relationships>"""
CORE = f"""{XML}<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:creator>Ann</dc:creator>\
<dcterms:modified xsi:type="dcterms:W3CDTF">%s</dcterms:modified></cp:coreProperties>"""
STYLES = f"""{XML}<w:styles xmlns:w="{MAIN}"><w:style w:type="paragraph" w:default="1" \
w:styleId="Normal"><w:name w:val="Normal"/></w:style><w:style w:type="paragraph" \
w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr>\
<w:outlineLvl w:val="0"/></w:pPr></w:style></w:styles>"""
PICTURE = """<w:p><w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/\
drawingml/2006/wordprocessingDrawing"><wp:extent cx="900000" cy="600000"/><wp:docPr id="1" \
name="Picture 1"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main">\
<a:graphicData uri="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:pic \
xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:blipFill><a:blip \
r:embed="rId9"/></pic:blipFill></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing>\
</w:r></w:p>"""

# ---- what the documents say ----


def sentence(rng, count):
    words = [rng.choice(COMMON if rng.random() < 0.6 else RARE) for _ in range(count)]
    words[rng.randrange(count)] = str(rng.randrange(10**6))
    return " ".join(words).capitalize() + "."


def paragraphs(rng, args):
    """Pairs: is it a heading, text."""
    low, high = args.words // 2, args.words + args.words // 2
    length = lambda i: 5 if i % 20 == 0 else rng.randrange(low, high)
    return [(i % 20 == 0, sentence(rng, length(i))) for i in range(args.paragraphs)]


def reworded(rng, text):
    words = text.split()
    count = max(1, min(3, len(words) // 4))
    k = rng.randrange(len(words) - count)
    words[k : k + count] = ["reworded", "by", "hand"][:count]
    return " ".join(words)


def edit(rng, args, old):
    """The paragraphs after the edit, and the truth."""
    if args.shift:
        return [(False, sentence(rng, args.words))] + old, counts(added=1)
    body = [i for i, (heading, _) in enumerate(old) if not heading]
    *edited, gone, moved, at = rng.sample(body, args.edits + 3)
    new = list(old)
    for i in edited:
        new[i] = (False, reworded(rng, old[i][1]))
    new.insert(at, (False, sentence(rng, args.words)))
    kept = [entry for entry in new if entry is not old[gone] and entry is not old[moved]]
    kept.insert((moved + len(kept) // 2) % len(kept), old[moved])
    return kept, counts(edited=args.edits, deleted=1, added=1, moved=1)


def counts(**some):
    return {"edited": 0, "deleted": 0, "added": 0, "moved": 0} | some


# ---- DOCX ----


def plain_runs(text):
    for part in text[: len(text) // 2], text[len(text) // 2 :]:
        yield f'<w:r><w:t xml:space="preserve">{escape(part)}</w:t></w:r>'


def word_runs(rng, text):
    """As Word leaves them after years of work."""
    words = text.split(" ")
    look = '<w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/>'
    for k in range(0, len(words), CUT):
        part = " ".join(words[k : k + CUT]) + (" " if k + CUT < len(words) else "")
        yield f'<w:proofErr w:type="spellStart"/><w:r w:rsidR="{rng.getrandbits(32):08X}"><w:rPr>'
        yield f'{look}<w:lang w:val="en-GB"/></w:rPr><w:t xml:space="preserve">{escape(part)}'
        yield '</w:t></w:r><w:proofErr w:type="spellEnd"/>'


def paragraph(rng, args, heading, text):
    style = '<w:pPr><w:pStyle w:val="Heading1"/></w:pPr>' if heading else ""
    runs = "".join(word_runs(rng, text) if args.word else plain_runs(text))
    ids = f' w:rsidR="{rng.getrandbits(32):08X}" w:rsidRDefault="00A77427"' if args.word else ""
    return f"<w:p{ids}>{style}{runs}</w:p>"


def table(rng, args, rows):
    cell = lambda text: f"<w:tc>{paragraph(rng, args, False, text)}</w:tc>"
    row = lambda cells: f"<w:tr>{''.join(map(cell, cells))}</w:tr>"
    return f"<w:tbl>{''.join(map(row, rows))}</w:tbl>"


def png(rng):
    raw = b"".join(b"\0" + rng.randbytes(3 * 120) for _ in range(80))

    def chunk(kind, data):
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 120, 80, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")


def write_docx(path, rng, args, texts, rows, picture, date, swap):
    body = "".join(paragraph(rng, args, *entry) for entry in texts) + table(rng, args, rows)
    spaces = f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}/relationships"'
    document = f"{XML}<w:document {spaces}><w:body>{body}{PICTURE}<w:sectPr/></w:body></w:document>"
    parts = [
        ("[Content_Types].xml", CONTENT_TYPES),
        ("_rels/.rels", ROOT_RELS),
        ("docProps/core.xml", CORE % date),
        ("word/_rels/document.xml.rels", DOCUMENT_RELS),
        ("word/media/image1.png", picture),
        ("word/styles.xml", STYLES),
        ("word/document.xml", document),
    ]
    with zipfile.ZipFile(path, "w", compresslevel=6) as package:
        for name, data in parts[:2] + parts[:1:-1] if swap else parts:
            package.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


# ---- pairs ----


def write_side(folder, name, args, seed, content, again):
    """@again  saved a second time"""
    texts, rows, picture = content
    plain = [text for _, text in texts]
    date = "2024-02-02T09:30:00Z" if again else "2024-01-01T08:00:00Z"
    os.makedirs(folder, exist_ok=True)
    if "docx" in args.formats:
        # revision numbers of both sides are the same, as they are when the same program saves again
        rng, path = random.Random(seed), f"{folder}/{name}.docx"
        write_docx(path, rng, args, texts, rows, picture, date, again)
    if "txt" in args.formats:
        with open(f"{folder}/{name}.txt", "w", encoding="utf-8") as f:
            f.writelines(text + "\n" for text in plain)
    if "pdf" in args.formats:
        write_pdf(f"{folder}/{name}.pdf", plain, date)


def write_pair(args, rng, n):
    """@return what is true of the pair"""
    name, seed = f"doc{n:04d}", rng.getrandbits(32)
    old = paragraphs(rng, args)
    rows, picture = [[sentence(rng, 2) for _ in range(4)] for _ in range(10)], png(rng)
    again = n > args.docs - args.docs // 10
    new, truth = (old, counts()) if again else edit(rng, args, old)
    write_side(f"{args.dir}/before", name, args, seed, (old, rows, picture), False)
    write_side(f"{args.dir}/after", name, args, seed, (new, rows, picture), again)
    return {f"{name}.{suffix}": truth for suffix in args.formats}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dir")
    for option, number in ("docs", 1), ("paragraphs", 200), ("words", 40), ("edits", 3), ("seed", 1):
        parser.add_argument(f"--{option}", type=int, default=number)
    parser.add_argument("--formats", type=lambda text: text.split(","), default=["docx"])
    parser.add_argument("--shift", action="store_true")
    parser.add_argument("--word", action="store_true")
    args = parser.parse_args()
    rng, truth = random.Random(args.seed), {}
    for n in range(1, args.docs + 1):
        truth |= write_pair(args, rng, n)
    with open(f"{args.dir}/truth.json", "w", encoding="utf-8") as f:
        json.dump(truth, f, indent=1)


if __name__ == "__main__":
    main()
