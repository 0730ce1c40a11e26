#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""read_back.py FILE JSON: every cell of an exported workbook (.xlsx, read as the stream that it is, or .csv that
LibreOffice made of one) or of CSV for spreadsheets against the rows of h7gang's JSON export."""
import csv
import datetime
import json
import re
import sys
import zipfile
from xml.etree import ElementTree

SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def plain(text):
    return re.sub("_x([0-9A-Fa-f]{4})_", lambda m: chr(int(m[1], 16)), text)


def cell(element):
    kind = element.get("t")
    if kind == "inlineStr":
        return plain("".join(part.text or "" for part in element.iter(SPACE + "t")))
    value = element.find(SPACE + "v")
    return None if value is None else float(value.text)


def sheet(book, name):
    """Rows of a sheet as {column: value}, in a memory that does not grow."""
    with book.open(name) as stream:
        for _, element in ElementTree.iterparse(stream):
            if element.tag != SPACE + "row":
                continue
            yield {re.match("[A-Z]+", c.get("r"))[0]: cell(c) for c in element}
            element.clear()


def letters(index):
    text = ""
    while index >= 0:
        text, index = chr(ord("A") + index % 26) + text, index // 26 - 1
    return text


def workbook_rows(path):
    book = zipfile.ZipFile(path)
    names = sorted((n for n in book.namelist() if n.startswith("xl/worksheets/sheet")),
                   key=lambda n: int(re.search(r"\d+", n.split("/")[-1])[0]))
    for name in names[:-1]:  # the last one names the source
        rows = sheet(book, name)
        heads = next(rows)
        columns = [heads[letters(i)] for i in range(len(heads))]
        for row in rows:
            yield {column: row.get(letters(i)) for i, column in enumerate(columns)}


def shown(text):
    """What a spreadsheet shows of ="te"&"xt"."""
    if not re.fullmatch('="([^"]|"")*"(&"([^"]|"")*")*', text):
        return text
    return "".join(re.findall('"((?:[^"]|"")*)"', text)).replace('""', '"')


def csv_rows(path):
    with open(path, encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            yield {k: shown(v) or None for k, v in row.items()}


def as_time(value):
    if isinstance(value, float):
        ms = round(value * 86400000)
        moment = datetime.datetime(1899, 12, 30) + datetime.timedelta(milliseconds=ms)
        return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03}Z"
    return value.replace(" ", "T") + "Z" if value and not value.endswith("Z") else value


def equal(name, got, wanted):
    if wanted in ("", None):
        return got in ("", None)
    if name in ("started_at", "finished_at"):
        return as_time(got) == wanted
    if isinstance(wanted, int):
        return got is not None and float(got) == wanted
    return got == wanted


def main():
    path, wanted_path = sys.argv[1:3]
    rows = workbook_rows(path) if path.endswith(".xlsx") else csv_rows(path)
    count = 0
    with open(wanted_path, encoding="utf-8") as stream:
        for line in stream:
            wanted = json.loads(line)
            row = next(rows, None)
            if row is None:
                sys.exit(f"row {count + 1} is missing")
            for name, value in wanted.items():
                if name in ("v", "file", "line", "log"):
                    continue
                if not equal(name, row.get(name), value):
                    sys.exit(f"row {count + 1}, {name}: {row.get(name)!r}, not {value!r}")
            count += 1
    if next(rows, None) is not None:
        sys.exit("a row too many")
    print(count)


main()
