#!/usr/bin/env python3
"""Writes a small document: docx.py FILE.docx TEXT [WISH …]

Lines of TEXT are paragraphs; one that begins with < is taken as it is. Wishes: link=ID:TARGET, image=ID:CONTENT or ID:@FILE,
comment=AUTHOR:TEXT (tied to the last paragraph), template=TARGET, author=NAME, macro, styles=XML, footnote=TEXT,
part=NAME:CONTENT (of no known kind), stored (another order, not compressed, another time).
"""

import pathlib
import sys
import zipfile
from xml.sax.saxutils import escape

NS = "http://schemas.openxmlformats.org/"
WORD, REL = NS + "wordprocessingml/2006/main", NS + "officeDocument/2006/relationships"
HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml."


class Document:
    def __init__(self, text):
        self.lines = [line if line.startswith("<") else
                      f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in text.split("\n")]
        self.parts, self.types, self.relations, self.comments, self.settings = {}, {}, {}, [], {}
        self.about, self.stored, self.notes = [], False, []

    def relate(self, to, number, kind, target, outside=False):
        mode = ' TargetMode="External"' if outside else ""
        to[number] = f'<Relationship Id="{number}" Type="{REL}/{kind}" Target="{escape(target)}"{mode}/>'

    def add(self, name, kind, type, text):
        self.parts["word/" + name] = text
        self.types["word/" + name] = type
        self.relate(self.relations, "x" + kind, kind, name)

    def story(self, root, text):
        return f'<w:{root} xmlns:w="{WORD}" xmlns:r="{REL}">{text}</w:{root}>'

    def wish(self, what, value):
        first, _, rest = value.partition(":")
        if what == "link":
            self.relate(self.relations, first, "hyperlink", rest, True)
        elif what == "image":
            self.parts[f"word/media/{first}.png"] = pathlib.Path(rest[1:]).read_bytes() if rest.startswith("@") else rest
            self.relate(self.relations, first, "image", f"media/{first}.png")
        elif what == "comment":
            self.lines[-1] = self.lines[-1].replace(
                "</w:p>", f'<w:r><w:commentReference w:id="{len(self.comments)}"/></w:r></w:p>')
            self.comments.append(f'<w:comment w:id="{len(self.comments)}" w:author="{escape(first)}"><w:p><w:r><w:t>'
                                 f"{escape(rest)}</w:t></w:r></w:p></w:comment>")
        elif what == "footnote":
            self.notes.append(f'<w:footnote w:id="{len(self.notes) + 1}"><w:p><w:r><w:t>{escape(value)}</w:t></w:r></w:p>'
                              "</w:footnote>")
        elif what == "template":
            self.relate(self.settings, "rIdT", "attachedTemplate", value, True)
        elif what == "author":
            self.about.append(f'<d:creator xmlns:d="http://purl.org/dc/elements/1.1/">{escape(value)}</d:creator>')
        elif what == "macro":
            self.add("vbaProject.bin", "vbaProject", "application/vnd.ms-office.vbaProject", "Sub AutoOpen()")
        elif what == "styles":
            self.add("styles.xml", "styles", TYPE + "styles+xml", self.story("styles", value))
        elif what == "part":
            self.parts[first] = rest
        elif what == "stored":
            self.stored = True
        else:
            sys.exit("docx.py: no such wish: " + what)

    def finish(self):
        if self.comments:
            self.add("comments.xml", "comments", TYPE + "comments+xml", self.story("comments", "".join(self.comments)))
        if self.notes:
            self.add("footnotes.xml", "footnotes", TYPE + "footnotes+xml", self.story("footnotes", "".join(self.notes)))
        if self.settings:
            self.add("settings.xml", "settings", TYPE + "settings+xml", self.story("settings", ""))
            self.parts["word/_rels/settings.xml.rels"] = self.rels(self.settings)
        package = {}
        self.relate(package, "rId1", "officeDocument", "word/document.xml")
        if self.about:
            self.parts["docProps/core.xml"] = (f'<c:coreProperties xmlns:c="{NS}package/2006/metadata/core-properties">'
                                               f'{"".join(self.about)}</c:coreProperties>')
            self.types["docProps/core.xml"] = "application/vnd.openxmlformats-package.core-properties+xml"
            self.relate(package, "rId2", "core-properties", "docProps/core.xml")
        self.parts["word/document.xml"] = self.story("document", f'<w:body>{"".join(self.lines)}</w:body>')
        self.types["word/document.xml"] = TYPE + "document.main+xml"
        self.parts["word/_rels/document.xml.rels"] = self.rels(self.relations)
        self.parts["_rels/.rels"] = self.rels(package)
        listed = "".join(f'<Override PartName="/{n}" ContentType="{t}"/>' for n, t in sorted(self.types.items()))
        self.parts["[Content_Types].xml"] = (
            f'<Types xmlns="{NS}package/2006/content-types"><Default Extension="rels" ContentType="application/'
            'vnd.openxmlformats-package.relationships+xml"/><Default Extension="png" ContentType="image/png"/>'
            f'<Default Extension="xml" ContentType="application/xml"/>{listed}</Types>')

    def rels(self, relations):
        return f'<Relationships xmlns="{NS}package/2006/relationships">{"".join(relations.values())}</Relationships>'

    def write(self, path):
        with zipfile.ZipFile(path, "w") as z:
            for name in sorted(self.parts, reverse=self.stored):
                text = self.parts[name]
                xml = isinstance(text, str) and text.startswith("<")
                info = zipfile.ZipInfo(name, (2025 if self.stored else 2024, 1, 2, 0, 0, 0))
                info.compress_type = zipfile.ZIP_STORED if self.stored else zipfile.ZIP_DEFLATED
                z.writestr(info, HEAD + text if xml else text)


def main(path, text, *wishes):
    document = Document(text)
    for wish in wishes:
        what, _, value = wish.partition("=")
        document.wish(what, value)
    document.finish()
    document.write(path)


if __name__ == "__main__":
    main(*sys.argv[1:])
