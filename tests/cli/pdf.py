#!/usr/bin/env python3
"""Writes a small PDF: pdf.py FILE.pdf PAGE … [WISH …]

A page is lines of text; PICTURE is a page with nothing but a picture, EMPTY one with nothing, STRANGE one whose font does not
say which letters it shows. A page that begins with @N begins its text N points above the bottom. Wishes begin with a dash:
-link=URL, -comment=AUTHOR:TEXT (on page 1), -attach=NAME:CONTENT, -script=CODE, -field=NAME:VALUE, -author=NAME, -update (saved
once more by appending), -password, -image=PIXELS (of the picture), -font=NAME, -box (a frame on page 1), -packed (streams
compressed), -turn=DEGREES (page 1), -launch=PROGRAM, -white=WORDS (in white on
page 1).
"""

import sys
import zlib


class Document:
    def __init__(self):
        self.objects, self.trailer, self.packed = [None, None], "", False

    def add(self, text):
        self.objects.append(text.encode("latin-1") if isinstance(text, str) else text)
        return len(self.objects)

    def stream(self, entries, data):
        if self.packed:
            data, entries = zlib.compress(data), entries + "/Filter/FlateDecode"
        return self.add(f"<<{entries}/Length {len(data)}>>\nstream\n".encode() + data + b"\nendstream")

    def write(self):
        out, places = b"%PDF-1.7\n", []
        for number, text in enumerate(self.objects, 1):
            places.append(len(out))
            out += b"%d 0 obj\n%s\nendobj\n" % (number, text)
        rows = "".join(f"{place:010} 00000 n \n" for place in places)
        size = len(self.objects) + 1
        return (out + f"xref\n0 {size}\n0000000000 65535 f \n{rows}trailer\n<</Size {size}/Root 1 0 R{self.trailer}>>\n"
                f"startxref\n{len(out)}\n%%EOF\n".encode("latin-1"))


def string(text):
    return "(" + text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") + ")"


def drawing(page, box, white):
    frame = "20 20 500 700 re S\n" if box else ""
    if page in ("PICTURE", "EMPTY"):
        return "q 400 0 0 600 50 50 cm /Im1 Do Q" if page == "PICTURE" else "q Q"
    if page == "STRANGE":
        return "BT /F2 12 Tf 72 700 Td <01020304> Tj ET"
    top = 700
    if page.startswith("@"):
        first, _, page = page[1:].partition(" ")
        top = int(first)
    lines = " T* ".join(f"{string(line)} Tj" for line in page.split("\n"))
    unseen = f" 1 g BT /F1 12 Tf 72 400 Td {string(white)} Tj ET" if white else ""
    return f"{frame}BT /F1 12 Tf 14 TL 72 {top} Td {lines} ET{unseen}"


def main():
    target, words = sys.argv[1], sys.argv[2:]
    pages = [word for word in words if not word.startswith("-")]
    wishes = [word[1:].partition("=")[::2] for word in words if word.startswith("-")]
    kept = dict(wishes)
    d = Document()
    d.packed = "packed" in kept
    font = d.add(f"<</Type/Font/Subtype/Type1/BaseFont/{kept.get('font', 'Helvetica')}>>")
    empty = d.stream("", b"500 0 d0 0 0 500 500 re f")
    strange = d.add(f"<</Type/Font/Subtype/Type3/FontBBox[0 0 500 500]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1/LastChar 4"
                    f"/Widths[500 500 500 500]/CharProcs<</x1 {empty} 0 R/x2 {empty} 0 R/x3 {empty} 0 R/x4 {empty} 0 R>>"
                    "/Encoding<</Type/Encoding/Differences[1/x1/x2/x3/x4]>>>>")
    pixels = kept.get("image", "x").encode()
    image = d.stream(f"/Type/XObject/Subtype/Image/Width {len(pixels)}/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", pixels)
    annotations, fields, catalog, info, kids = [], [], "", "", []
    for what, value in wishes:
        first, _, rest = value.partition(":")
        if what == "link":
            annotations.append(f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/URI/URI{string(value)}>>>>")
        elif what == "launch":
            annotations.append(f"<</Type/Annot/Subtype/Link/Rect[0 0 9 9]/A<</S/Launch/F{string(value)}>>>>")
        elif what == "comment":
            annotations.append(f"<</Type/Annot/Subtype/Text/Rect[0 0 9 9]/T{string(first)}/Contents{string(rest)}>>")
        elif what == "attach":
            file = d.stream("/Type/EmbeddedFile", rest.encode())
            catalog += (f"/Names<</EmbeddedFiles<</Names[{string(first)}<</Type/Filespec/F{string(first)}"
                        f"/EF<</F {file} 0 R>>>>]>>>>")
        elif what == "script":
            catalog += f"/OpenAction<</S/JavaScript/JS{string(value)}>>"
        elif what == "field":
            fields.append(f"<</T{string(first)}/FT/Tx/V{string(rest)}>>")
        elif what == "author":
            info += f"/Author{string(value)}"
    if fields:
        catalog += f"/AcroForm<</Fields[{''.join(fields)}]>>"
    for number, page in enumerate(pages):
        content = d.stream("", drawing(page, "box" in kept and number == 0, number == 0 and kept.get("white")).encode("latin-1"))
        more = f"/Annots[{''.join(annotations)}]" if annotations and number == 0 else ""
        if "turn" in kept and number == 0:
            more += f"/Rotate {kept['turn']}"
        kids.append(d.add(f"<</Type/Page/Parent 2 0 R/Contents {content} 0 R{more}>>"))
    d.objects[0] = f"<</Type/Catalog/Pages 2 0 R{catalog}>>".encode("latin-1")
    d.objects[1] = (f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{k} 0 R' for k in kids)}]/MediaBox[0 0 595 792]/Resources"
                    f"<</Font<</F1 {font} 0 R/F2 {strange} 0 R>>/XObject<</Im1 {image} 0 R>>>>>>").encode()
    if info:
        d.trailer += f"/Info {d.add(f'<<{info}>>')} 0 R"
    if "password" in kept:
        d.trailer += (f"/ID[<{'00' * 16}><{'00' * 16}>]/Encrypt<</Filter/Standard/V 1/R 2/P -1/Length 40/O<{'01' * 32}>"
                      f"/U<{'02' * 32}>>>")
    data = d.write()
    if "update" in kept:
        last = data.rindex(b"startxref\n") + len(b"startxref\n")
        data += (f"xref\n0 0\ntrailer\n<</Size {len(d.objects) + 1}/Root 1 0 R{d.trailer}/Prev {int(data[last:].split()[0])}>>\n"
                 f"startxref\n{len(data)}\n%%EOF\n").encode("latin-1")
    with open(target, "wb") as out:
        out.write(data)


main()
