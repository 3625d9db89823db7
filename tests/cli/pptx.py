#!/usr/bin/env python3
"""Writes a small presentation: pptx.py FILE.pptx SLIDE …

A slide is TITLE|PARAGRAPH|… with wishes among them: hidden, notes=TEXT, look=ATTRIBUTES of the letters that follow.
"""

import sys
import zipfile
from xml.sax.saxutils import escape

NS = "http://schemas.openxmlformats.org/"
SHOW, REL, DRAW = (NS + n for n in ("presentationml/2006/main", "officeDocument/2006/relationships", "drawingml/2006/main"))
TYPE = "application/vnd.openxmlformats-officedocument.presentationml."
SPACES = f'xmlns:p="{SHOW}" xmlns:r="{REL}" xmlns:a="{DRAW}"'


def shape(text, title, look):
    place = '<p:nvPr><p:ph type="title"/></p:nvPr>' if title else "<p:nvPr/>"
    return (f"<p:sp><p:nvSpPr>{place}</p:nvSpPr><p:txBody><a:p><a:r><a:rPr {look}/><a:t>{escape(text)}</a:t></a:r></a:p>"
            "</p:txBody></p:sp>")


def relations(list):
    return (f'<Relationships xmlns="{NS}package/2006/relationships">' + "".join(
        f'<Relationship Id="rId{i}" Type="{REL}/{kind}" Target="{target}"/>' for i, (kind, target) in enumerate(list, 1)) +
        "</Relationships>")


def main(path, *slides):
    parts, types = {}, {"ppt/presentation.xml": "presentation.main+xml"}
    for n, slide in enumerate(slides, 1):
        show, look, shapes, links = "", "", [], []
        for piece in slide.split("|"):
            if piece == "hidden":
                show = ' show="0"'
            elif piece.startswith("look="):
                look = piece[5:]
            elif piece.startswith("notes="):
                parts[f"ppt/notesSlides/notes{n}.xml"] = f"<p:notes {SPACES}>{shape(piece[6:], False, '')}</p:notes>"
                types[f"ppt/notesSlides/notes{n}.xml"] = "notesSlide+xml"
                links.append(("notesSlide", f"../notesSlides/notes{n}.xml"))
            else:
                shapes.append(shape(piece, not shapes, look))
        parts[f"ppt/slides/slide{n}.xml"] = f"<p:sld {SPACES}{show}><p:cSld><p:spTree>{''.join(shapes)}</p:spTree></p:cSld></p:sld>"
        types[f"ppt/slides/slide{n}.xml"] = "slide+xml"
        parts[f"ppt/slides/_rels/slide{n}.xml.rels"] = relations(links)
    count = range(1, len(slides) + 1)
    listed = "".join(f'<p:sldId id="{255 + i}" r:id="rId{i}"/>' for i in count)
    parts["ppt/presentation.xml"] = f"<p:presentation {SPACES}><p:sldIdLst>{listed}</p:sldIdLst></p:presentation>"
    parts["ppt/_rels/presentation.xml.rels"] = relations([("slide", f"slides/slide{i}.xml") for i in count])
    parts["_rels/.rels"] = relations([("officeDocument", "ppt/presentation.xml")])
    overrides = "".join(f'<Override PartName="/{name}" ContentType="{TYPE}{kind}"/>' for name, kind in types.items())
    parts["[Content_Types].xml"] = (
        f'<Types xmlns="{NS}package/2006/content-types"><Default Extension="rels" ContentType="application/'
        f'vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>')
    with zipfile.ZipFile(path, "w") as z:
        for name, text in sorted(parts.items()):
            z.writestr(zipfile.ZipInfo(name, (2024, 1, 2, 0, 0, 0)), '<?xml version="1.0" encoding="UTF-8"?>\n' + text)


main(*sys.argv[1:])
