#!/usr/bin/env python3
"""Checks a receipt against the truth of its data, and prints a line for everything that is wrong.

    truth.py table|stored|bomb|documents TRUTH.json RECEIPT.json
"""

import json
import os
import sys


def load(path):
    with open(path, encoding="utf-8") as f:
        return json.load(f)


def only_table(receipt):
    """Of a workbook, the first entry is about its sheets."""
    tables = [entry for entry in receipt["tables"] if entry["part"] is not None]
    return tables[0] if len(tables) == 1 else None


def table(truth, receipt):
    entry = only_table(receipt)
    rows = entry["rows"] if entry else {}
    want = {"edited": "cells", "added": "added", "deleted": "deleted", "moved": "moved"}
    if truth["order"] == "shuffled":
        del want["moved"]
    return rows, {name: len(truth[kind]) for name, kind in want.items()}


def stored(truth, receipt):
    """Empty files have no content that could be followed, so kinds are added up."""
    files = receipt["balance"]["files"]
    got = {
        "modified": files["modified"],
        "moved": files["moved"],
        "deleted": files["deleted"] + files["duplicate_removed"],
        "added": files["added"] + files["copied"],
    }
    return got, {name: len(truth[name]) for name in got}


def bomb(truth, receipt):
    """Read whole, or not verified because of a limit, and never said to be equal."""
    limits = [row for row in receipt["unverified"] if row["reason"] in ("limit", "too_large")]
    if limits or truth["cells"] is None:
        return {"limits named": min(len(limits), 1)}, {"limits named": 1}
    entry = only_table(receipt)
    return {"cells": entry["cells_total"] if entry else 0}, truth


def documents(truth, receipt):
    """Good ones counted right; hostile ones not verified, unless they can be read whole."""
    hostile, held = truth.pop("hostile", {}), {row["path"] for row in receipt["unverified"]}
    unreadable = {name for name, whole in hostile.items() if not whole}
    name = lambda entry: os.path.basename(entry["path"])
    found = {name(entry): entry["blocks"] for entry in receipt["documents"]}
    right = lambda doc, want: want.items() <= found.get(doc, {}).items()
    got = {
        "documents counted right": sum(right(doc, want) for doc, want in truth.items()),
        "hostile ones not verified": len(held & unreadable),
        "good ones not verified": len(held - set(hostile)),
    }
    return got, dict(zip(got, (len(truth), len(unreadable), 0)))


def main():
    kind, truth, receipt = sys.argv[1:]
    checks = {"table": table, "stored": stored, "bomb": bomb, "documents": documents}
    got, want = checks[kind](load(truth), load(receipt))
    for name, number in want.items():
        if got.get(name) != number:
            print(f"{name}: {got.get(name)}, truth is {number}")


main()
