#!/usr/bin/env python3
"""Writes a PNG: png.py OUT WIDTH HEIGHT SEED [level=N] [edit] [noise=N] [text=KEYWORD:TEXT] [exif]"""

import struct
import sys
import zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def exif():
    """A camera, a time and a place."""
    values, tables = b"", b""

    def table(entries, at):
        nonlocal values
        out = struct.pack("<H", len(entries))
        for tag, kind, count, value in entries:
            if len(value) > 4:
                out += struct.pack("<HHII", tag, kind, count, 500 + len(values))
                values += value
            else:
                out += struct.pack("<HHI", tag, kind, count) + value.ljust(4, b"\0")
        return out + struct.pack("<I", 0)

    def degrees(*of):
        return b"".join(struct.pack("<II", round(x * 100), 100) for x in of)

    taken = b"2024:05:01 12:34:56\0"
    image = [(0x0110, 2, 9, b"Abc D123\0"), (0x8769, 4, 1, struct.pack("<I", 100)),
             (0x8825, 4, 1, struct.pack("<I", 200))]
    place = [(1, 2, 2, b"N\0"), (2, 5, 3, degrees(48, 8, 13.67)), (3, 2, 2, b"E\0"), (4, 5, 3, degrees(11, 34, 31.44))]
    for start, entries in ((8, image), (100, [(0x9003, 2, 20, taken)]), (200, place)):
        tables = tables.ljust(start - 8, b"\0") + table(entries, start)
    return b"II*\0\x08\0\0\0" + tables.ljust(492, b"\0") + values


def main():
    out, width, height, seed = sys.argv[1], *map(int, sys.argv[2:5])
    more = dict(a.partition("=")[::2] for a in sys.argv[5:])
    noise = int(more.get("noise", 0))
    rows = b""
    for y in range(height):
        row = bytearray(b"\0")
        for x in range(width):
            u, v = x * 8 // width, y * 6 // height
            dark = "edit" in more and u == 3 and v == 2
            row += bytes(0 if dark else (u * 29 + v * 37 * seed + c * 61) % 230 + noise * ((x + y) % 2) for c in range(3))
        rows += bytes(row)
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    if "text" in more:
        data += chunk(b"tEXt", more["text"].replace(":", "\0", 1).encode("latin-1"))
    if "exif" in more:
        data += chunk(b"eXIf", exif())
    data += chunk(b"IDAT", zlib.compress(rows, int(more.get("level", 6)))) + chunk(b"IEND", b"")
    open(out, "wb").write(data)


main()
