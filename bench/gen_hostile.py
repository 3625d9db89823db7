#!/usr/bin/env python3
"""Makes a folder of good documents with hostile ones among them, before and after an edit.

    gen_hostile.py DIR --docs N     writes DIR/before, DIR/after and truth.json

The good ones are those of gen_docs.py. The hostile ones, each in another state after the edit:

    packed.docx      a gigabyte of paragraphs in one megabyte
    entities.docx    ten entities, each of ten of the one before
    attributes.docx  one element with 200,000 attributes
    deep.docx        200,000 elements inside each other
    text.pdf         a page that writes three million words
    packed.pdf       a page of a gigabyte of blanks
    tree.pdf         pages below pages below themselves
    nested.pdf       an array inside an array, a million deep, which no page uses

truth.json adds to that of gen_docs.py the names of the hostile files: can they be read whole? The same arguments give the same bytes.
"""

import argparse
import json
import os
import subprocess
import sys
import zipfile
import zlib

from gen_docs import CONTENT_TYPES, CORE, DOCUMENT_RELS, MAIN, OFFICE, ROOT_RELS, STYLES, XML
from write_pdf import pdf_bytes

HERE = os.path.dirname(os.path.abspath(__file__))
MILLION = 1_000_000
SPACES = f'xmlns:w="{MAIN}" xmlns:r="{OFFICE}/relationships"'
BEGIN = f"<w:document {SPACES}><w:body>"
END = "</w:body></w:document>"

# ---- DOCX ----


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def packed_docx(edit):
    yield XML + BEGIN + paragraph(f"edit {edit}")
    for _ in range(1000):
        yield paragraph("x" * 1000) * (MILLION // 1000)
    yield END


def entities_docx(edit):
    names = "abcdefghij"
    yield f'{XML}<!DOCTYPE w:document [<!ENTITY a "ha">'
    for name, below in zip(names[1:], names):
        yield f'<!ENTITY {name} "{f"&{below};" * 10}">'
    yield f"]>{BEGIN}{paragraph(f'edit {edit} &j;')}{END}"


def attributes_docx(edit):
    yield XML + BEGIN + paragraph(f"edit {edit}") + "<w:p"
    yield "".join(f' w:a{n}="{n}"' for n in range(200_000)) + "/>" + END


def deep_docx(edit):
    levels = 200_000
    yield XML + BEGIN + paragraph(f"edit {edit}")
    yield "<w:sdt>" * levels + "</w:sdt>" * levels + END


def write_docx(path, document):
    parts = [
        ("[Content_Types].xml", [CONTENT_TYPES]),
        ("_rels/.rels", [ROOT_RELS]),
        ("docProps/core.xml", [CORE % "2024-01-01T08:00:00Z"]),
        ("word/_rels/document.xml.rels", [DOCUMENT_RELS]),
        ("word/styles.xml", [STYLES]),
        ("word/document.xml", document),
    ]
    with zipfile.ZipFile(path, "w", compresslevel=6) as package:
        for name, texts in parts:
            info = zipfile.ZipInfo(name)
            info.compress_type = zipfile.ZIP_DEFLATED
            with package.open(info, "w") as part:
                for text in texts:
                    part.write(text.encode())


# ---- PDF ----


def one_page(content, edit, more=()):
    resources = "/Resources<</Font<</F1 3 0 R>>>>"
    yield b"<</Type/Catalog/Pages 2 0 R>>"
    yield b"<</Type/Pages/Kids[5 0 R]/Count 1>>"
    yield b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>"
    yield b"<</Producer(edit %d)>>" % edit
    yield f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{resources}/Contents 6 0 R>>".encode()
    yield b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(content), content)
    yield from more


def squeezed(piece, times):
    packer = zlib.compressobj(6)
    return b"".join([packer.compress(piece) for _ in range(times)] + [packer.flush()])


def text_pdf(edit):
    """Words all over the page, so that few are on top of another."""
    words = "".join(f"1 0 0 1 {k * 37 % 590} {k * 7 % 840} Tm(w{k}) Tj\n" for k in range(1000))
    return one_page(squeezed(b"BT /F1 1 Tf\n" + words.encode() + b"ET\n", 3000), edit)


def packed_pdf(edit):
    return one_page(squeezed(b" " * MILLION, 1000), edit)


def tree_pdf(edit):
    yield b"<</Type/Catalog/Pages 2 0 R>>"
    yield b"<</Type/Pages/Kids[5 0 R 5 0 R]/Count 1000000>>"
    yield b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    yield b"<</Producer(edit %d)>>" % edit
    for number in range(6, 40):
        yield b"<</Type/Pages/Kids[%d 0 R %d 0 R]/Count 1000000>>" % (number, number)
    yield b"<</Type/Pages/Kids[2 0 R 2 0 R]/Count 1000000>>"


def nested_pdf(edit):
    return one_page(zlib.compress(b"BT ET"), edit, [b"[" * MILLION + b"]" * MILLION])


DOCX = {
    "packed": packed_docx,
    "entities": entities_docx,
    "attributes": attributes_docx,
    "deep": deep_docx,
}
PDF = {"text": text_pdf, "packed": packed_pdf, "tree": tree_pdf, "nested": nested_pdf}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dir")
    parser.add_argument("--docs", type=int, default=1000)
    args = parser.parse_args()
    good = [os.path.join(HERE, "gen_docs.py"), args.dir, "--docs", str(args.docs)]
    subprocess.run([sys.executable, *good, "--paragraphs", "50"], check=True)
    for edit, side in enumerate(("before", "after")):
        for name, make in DOCX.items():
            write_docx(f"{args.dir}/{side}/{name}.docx", make(edit))
        for name, make in PDF.items():
            with open(f"{args.dir}/{side}/{name}.pdf", "wb") as f:
                f.write(pdf_bytes(make(edit)))
    names = [f"{name}.docx" for name in DOCX] + [f"{name}.pdf" for name in PDF]
    whole = {name: name == "nested.pdf" for name in names}
    with open(f"{args.dir}/truth.json", "r+", encoding="utf-8") as f:
        truth = json.load(f) | {"hostile": whole}
        f.seek(0)
        json.dump(truth, f, indent=1)


if __name__ == "__main__":
    main()
