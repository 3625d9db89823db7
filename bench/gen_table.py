#!/usr/bin/env python3
"""Makes a seeded pair of CSV files, before and after an edit, with the truth about what changed.

    gen_table.py DIR --rows N [edits]      writes DIR/before.csv, DIR/after.csv, DIR/truth.json

Columns: id, date, customer, email, city, product, sku, qty, price, amount, status, notes; id is
unique. Edits, with their defaults:

    --cells N    [rows/1000] single cells changed, each in a row of its own
    --adds N     [rows/2000] rows added          --dels N   [rows/2000] rows deleted
    --moves N    [rows/5000] rows put elsewhere  --shuffle  all rows in random order
    --quote      every field quoted after the edit: no change of value
    --nokey      leave out id                       --columns N [12] the first N columns only

truth.json: cells [id, column, old, new], ids of added, deleted and moved rows, the order of the
rows after the edit ("kept" or "shuffled"), numbers of rows.
The same arguments give the same bytes.
"""

import argparse
import csv
import datetime
import json
import os
import random

COLUMNS = "id date customer email city product sku qty price amount status notes".split()
FIRST = (
    "Anna Björn Chloé David Emma François Grace Hugo Inês Jonas "
    "Karin Liam Maria Noah Olga Paul Qiu Rosa Søren Tom"
).split()
LAST = (
    "Müller Smith O'Brien Rossi García Tanaka Novák Silva "
    "Kim Jensen Dubois Costa Meyer Ivanova Brown Lund"
).split()
CITY = "Berlin|Paris|New York|São Paulo|Tokyo|Zürich|Kraków|Lima|Oslo|Cape Town".split("|")
PRODUCT = (
    'Desk lamp|Office chair|USB-C cable, 2 m|Monitor 27" 4K|Keyboard|'
    "Notebook A5|Paper A4 (500)|Headset|Whiteboard|Stapler"
).split("|")
STATUS = "open paid shipped returned cancelled".split()
NOTE = (
    '|||urgent|call back|gift, wrap it|see mail of Monday|said "fine"|paid in cash|N/A'
).split("|")
DAYS = 2200
DATES = [
    (datetime.date(2020, 1, 1) + datetime.timedelta(day)).isoformat() for day in range(DAYS)
]
FIRST_ID = 10000001


def make_row(rng, i):
    r = rng.random
    first, last = FIRST[int(r() * 20)], LAST[int(r() * 16)]
    qty, cents = 1 + int(r() * 20), 199 + int(r() * 90000)
    product = int(r() * 10)
    return [
        str(i),
        DATES[int(r() * DAYS)],
        first + " " + last,
        "%s.%d@example.org" % (first.lower(), i % 99991),
        CITY[int(r() * 10)],
        PRODUCT[product],
        "SKU-%02d-%05d" % (product, int(r() * 99999)),
        str(qty),
        "%d.%02d" % divmod(cents, 100),
        "%d.%02d" % divmod(cents * qty, 100),
        STATUS[int(r() * 5)],
        NOTE[int(r() * 10)],
    ]


def new_value(rng, column, old):
    if column == "qty":
        return str(int(old) + 1 + rng.randrange(5))
    if column in ("price", "amount"):
        return "%.2f" % (float(old) + 0.01 + rng.randrange(100))
    if column == "date":
        return DATES[(DATES.index(old) + 1 + rng.randrange(300)) % DAYS]
    if column == "status":
        return rng.choice([status for status in STATUS if status != old])
    return old + " x%d" % rng.randrange(1000)


def change_cell(rng, row, truth):
    at = 1 + rng.randrange(len(row) - 1)
    new = list(row)
    new[at] = new_value(rng, COLUMNS[at], row[at])
    truth["cells"].append([row[0], COLUMNS[at], row[at], new[at]])
    return new


def spread(rng, rows, more):
    """More rows put at random places between the rows."""
    at = {}
    for row in more:
        at.setdefault(rng.randrange(len(rows) + 1), []).append(row)
    out = []
    for i, row in enumerate(rows):
        out += at.get(i, [])
        out.append(row)
    return out + at.get(len(rows), [])


def edit(rng, before, args, truth):
    count = len(before)

    def wanted(given, share):
        return max(1, count // share) if given is None else given

    cells, adds = wanted(args.cells, 1000), wanted(args.adds, 2000)
    dels, moves = wanted(args.dels, 2000), wanted(args.moves, 5000)
    picked = rng.sample(range(count), min(count, cells + dels + moves))
    change, drop = set(picked[:cells]), set(picked[cells : cells + dels])
    move = set(picked[cells + dels :])
    after, carried = [], []
    for i, row in enumerate(before):
        if i in drop:
            truth["deleted"].append(row[0])
        elif i in move:
            carried.append(row)
            truth["moved"].append(row[0])
        else:
            after.append(change_cell(rng, row, truth) if i in change else row)
    fresh = [make_row(rng, FIRST_ID + count + i)[: args.columns] for i in range(adds)]
    truth["added"] = [row[0] for row in fresh]
    after = spread(rng, after, carried + fresh)
    if args.shuffle:
        rng.shuffle(after)
    return after


def write_csv(path, columns, rows, quoting):
    with open(path, "w", newline="", encoding="utf-8") as f:
        writer = csv.writer(f, quoting=quoting, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def table_arguments(parser):
    parser.add_argument("dir")
    parser.add_argument("--rows", type=int, required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--columns", type=int, default=len(COLUMNS))
    for name in ("cells", "adds", "dels", "moves"):
        parser.add_argument("--" + name, type=int)
    for name in ("shuffle", "quote", "nokey"):
        parser.add_argument("--" + name, action="store_true")


def make_pair(args):
    """The rows before and after, and the truth about what lies between."""
    rng = random.Random(args.seed)
    truth = {"cells": [], "added": [], "deleted": [], "moved": []}
    before = [make_row(rng, FIRST_ID + i)[: args.columns] for i in range(args.rows)]
    after = edit(rng, before, args, truth)
    truth["order"] = "shuffled" if args.shuffle else "kept"
    truth["rows"] = [len(before), len(after)]
    return before, after, truth


def write_truth(folder, truth):
    with open(folder + "/truth.json", "w", encoding="utf-8") as f:
        json.dump(truth, f, ensure_ascii=False)
    print({k: len(truth[k]) for k in ("cells", "added", "deleted", "moved")}, truth["rows"])


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    table_arguments(parser)
    args = parser.parse_args()
    before, after, truth = make_pair(args)
    first = 1 if args.nokey else 0
    os.makedirs(args.dir, exist_ok=True)
    quoting = csv.QUOTE_ALL if args.quote else csv.QUOTE_MINIMAL
    columns = COLUMNS[first : args.columns]
    write_csv(args.dir + "/before.csv", columns, (r[first:] for r in before), csv.QUOTE_MINIMAL)
    write_csv(args.dir + "/after.csv", columns, (r[first:] for r in after), quoting)
    write_truth(args.dir, truth)


if __name__ == "__main__":
    main()
