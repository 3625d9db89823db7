#!/usr/bin/env python3
"""summary.py RECEIPT.json: what a receipt says of tables, a line for each thing, for cases that are about that alone."""

import json
import sys

MOST = 6  # of one kind of line


def value(v):
    if isinstance(v, dict):
        return json.dumps(v, ensure_ascii=False, sort_keys=True)
    return json.dumps(v, ensure_ascii=False)


def lines(label, items):
    for item in items[:MOST]:
        print(f"{label}: {item}".rstrip())
    if len(items) > MOST:
        print(f"{label}: {len(items) - MOST} more")


def row(o):
    before, after = o.get("row_before"), o.get("row")
    return f"{after}" if before == after else f"{before or '-'} > {after or '-'}"


def cell(c):
    nth = f" #{c['column_nth']}" if "column_nth" in c else ""
    return f"{row(c)} {c['column']}{nth}: {value(c['old'])} > {value(c['new'])} ({c['nature']})"


def rewrite(r):
    first = r["examples"][0]
    kept = "lossless" if r["lossless"] else "lossy"
    return f"{r['column']}: {r['nature']} x {r['count']}, {kept}, as {value(first['old'])} > {value(first['new'])}"


def column(c):
    told = f"{c['kind']} {value(c['name_before'])} > {value(c['name'])}"
    if "similarity" in c:
        told += f" {c['similarity']:.2f}"
    return told + (" ambiguous" if c["ambiguous"] else "")


def row_change(c):
    if c["kind"] == "reordered":
        return f"{c['moved']} rows, by {c['by']}{', descending' if c['descending'] else ''}"
    count = f" x {c['count']}" if c.get("count", 1) > 1 else ""
    return f"{c['kind']} {row(c)}{count} {' + '.join(map(str, c['key'] or []))}"


def invariant(v):
    parts = [f"{k} {v[k]['before']} > {v[k]['after']}" for k in ("sum", "empty", "distinct") if k in v]
    return f"{v['column']}: {', '.join(parts)}"


def table(t):
    r, a = t["rows"], t["aligned_by"]
    print(f"rows: {r['before']} - {r['deleted']} + {r['added']} = {r['after']}; {r['same']} same, {r['edited']} edited, {r['moved']} moved")
    print(f"by: {a['how']} {'+'.join(a['columns'])}{' DOUBTFUL' if a['doubtful'] else ''}{'; ' + a['note'] if a['note'] else ''}")
    lines("file", [f"{p['property']}: {p['old']} > {p['new']}" for p in t["properties"]])
    lines("column", [column(c) for c in t["columns"]])
    lines("rewrite", [rewrite(c) for c in t["rewrites"]])
    lines("cell", [cell(c) for c in t["cells"]])
    lines("row", [row_change(c) for c in t["row_changes"]])
    lines("sum", [invariant(v) for v in t["invariants"] if "sum" in v])
    lines("total", [f"row {v['row']} {v['column']}: {v['after']['shown']}, rows add up to {v['after']['sum']}" for v in t.get("total_rows", [])])
    lines("problem", [f"{p['what']} x {p['count']}, {p['side']}, row {p['row']}{', ' + p['detail'] if p['detail'] else ''}" for p in t["problems"]])


receipt = json.load(open(sys.argv[1], encoding="utf-8"))
if not receipt["tables"]:
    print("no table differs")
for t in receipt["tables"]:
    table(t)
for u in receipt["unverified"]:
    print(f"unverified: {u['reason']}{', ' + u.get('part') if u.get('part') else ''}{': ' + u.get('detail') if u.get('detail') else ''}")
for item in receipt["review"]:
    print(f"review: {item['severity']} {item['rule']}")
