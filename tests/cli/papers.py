"""Small documents made by code: DOCX, ODT, PDF (one line a paragraph, many paragraphs a page), HTML, Markdown, plain text."""
import textwrap
import zipfile
from html import escape

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
ODF = "urn:oasis:names:tc:opendocument:xmlns:"


def _zip(name, parts, stored=()):
    with zipfile.ZipFile(name, "w") as z:
        for part, text in parts:
            info = zipfile.ZipInfo(part, (2024, 1, 2, 0, 0, 0))
            info.compress_type = zipfile.ZIP_STORED if part in stored else zipfile.ZIP_DEFLATED
            z.writestr(info, text)


def docx(name, paragraphs, comments=(), extra=""):
    """comments: pairs of author and text, all at the first paragraph; extra: XML behind the paragraphs"""
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    word = "application/vnd.openxmlformats-officedocument.wordprocessingml"
    types = (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{word}.document.main+xml"/>'
        f'<Override PartName="/word/comments.xml" ContentType="{word}.comments+xml"/></Types>'
    )

    def rels(kind, target):
        return (
            '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
            f'<Relationship Id="r1" Type="{office}/{kind}" Target="{target}"/></Relationships>'
        )

    marks = "".join(f'<w:r><w:commentReference w:id="{i}"/></w:r>' for i in range(len(comments)))
    body = ""
    for p in paragraphs:
        body += f'<w:p><w:r><w:t xml:space="preserve">{escape(p)}</w:t></w:r>{marks}</w:p>'
        marks = ""
    parts = [
        ("[Content_Types].xml", types),
        ("_rels/.rels", rels("officeDocument", "word/document.xml")),
        ("word/document.xml", f'<w:document xmlns:w="{W}"><w:body>{body}{extra}</w:body></w:document>'),
    ]
    if comments:
        notes = "".join(
            f'<w:comment w:id="{i}" w:author="{escape(who)}"><w:p><w:r><w:t>{escape(what)}</w:t></w:r></w:p></w:comment>'
            for i, (who, what) in enumerate(comments)
        )
        parts.append(("word/comments.xml", f'<w:comments xmlns:w="{W}">{notes}</w:comments>'))
        parts.append(("word/_rels/document.xml.rels", rels("comments", "comments.xml")))
    _zip(name, parts)


def odt(name, paragraphs):
    body = "".join(f"<text:p>{escape(p)}</text:p>" for p in paragraphs)
    content = (
        f'<office:document-content xmlns:office="{ODF}office:1.0" xmlns:text="{ODF}text:1.0" office:version="1.2">'
        f"<office:body><office:text>{body}</office:text></office:body></office:document-content>"
    )
    mime = "application/vnd.oasis.opendocument.text"
    manifest = (
        f'<manifest:manifest xmlns:manifest="{ODF}manifest:1.0"><manifest:file-entry manifest:full-path="/" '
        f'manifest:media-type="{mime}"/><manifest:file-entry manifest:full-path="content.xml" '
        'manifest:media-type="text/xml"/></manifest:manifest>'
    )
    _zip(name, [("mimetype", mime), ("META-INF/manifest.xml", manifest), ("content.xml", content)], ("mimetype",))


def _page(lines):
    def shown(line):
        return line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")

    out = ["BT /F1 11 Tf 14 TL 72 770 Td"]
    out += [f"({shown(line)}) Tj T*" if line else "T*" for line in lines]
    return "\n".join(out + ["ET"]).encode("latin-1")


def scan(name):
    """A page that is a picture."""
    _write_pdf(name, [b"q 400 0 0 600 72 100 cm BI /W 2 /H 1 /CS /G /BPC 8 ID \x00\xff EI Q"])


def pdf(name, paragraphs, lines_a_page=46):
    """Lines are filled as a word processor does it; a blank line stands between paragraphs."""
    lines = []
    for p in paragraphs:
        lines += textwrap.wrap(p, 84) + ["", ""]
    while lines and not lines[-1]:
        lines.pop()
    pages = [lines[i : i + lines_a_page] for i in range(0, len(lines), lines_a_page)] or [[]]
    _write_pdf(name, [_page(page) for page in pages])


def _write_pdf(name, pages):
    objects = ["<< /Type /Catalog /Pages 2 0 R >>", None, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids = []
    for data in pages:
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(data), data))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {len(objects)} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>"
    out, places = b"%PDF-1.4\n", []
    for n, o in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, o if isinstance(o, bytes) else o.encode())
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    open(name, "wb").write(out)


def text(name, paragraphs, between="\n\n"):
    open(name, "w").write(between.join(paragraphs) + "\n")


def html(name, paragraphs):
    body = "\n".join(f"<p>{escape(p)}</p>" for p in paragraphs)
    open(name, "w").write(f"<!DOCTYPE html>\n<html><head><title>t</title></head><body>\n{body}\n</body></html>\n")


_WORDS = (
    "the parties agree that price of goods is due on delivery unless stated otherwise in writing by either side "
    "notice contract term payment claim party year month annual report consent law place order invoice buyer seller"
).split()


def prose(count, seed=1, words=24):
    """Paragraphs that are all different, the same for the same seed."""
    state, out = seed * 2654435761 % 2**32, []
    for i in range(count):
        line = []
        for _ in range(words):
            state = (state * 1103515245 + 12345) % 2**31
            line.append(_WORDS[(state >> 16) % len(_WORDS)])
        out.append(" ".join(line).capitalize() + f" {i + 1}.")
    return out
