#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What evidence.sh asks of files; exits non-zero, with a reason, if it is not so."""
import json
import sys
import xml.etree.ElementTree as xml


def lines(paths):
    for path in paths:
        with open(path, encoding="utf-8") as file:
            for line in file:
                yield json.loads(line)


def keys(*paths):
    for line in lines(paths):
        assert line["key"] == " ".join(f"{k}={v}" for k, v in sorted(line["point"].items())), line["key"]
        print(line["key"])


def verified(path):
    results = [line["result"] for line in lines([path])]
    assert any(r["verified"] > 0 for r in results), "none was verified"
    assert not any(r["verify_failed"] for r in results), "some differ"
    assert any(r["verified"] == 0 for r in results), "all were verified"


def unlike(path, part, member):
    some = [line for line in lines([path]) if part in line["key"]]
    assert some and not any(member in line for line in some), member


def flip(source, target):
    with open(source, "rb") as file:
        data = bytearray(file.read())
    data[-8] ^= 1
    with open(target, "wb") as file:
        file.write(data)


def well_formed(*paths):
    for path in paths:
        root = xml.parse(path).getroot()
        assert root.tag.endswith("svg"), path


def png(path):
    with open(path, "rb") as file:
        assert file.read(8) == b"\x89PNG\r\n\x1a\n"


def timeline(path):
    root = xml.parse(path).getroot()
    texts = [e.text or "" for e in root.iter() if e.tag.endswith("text")]
    for word in ("fse-dp", "ep", "D2D links", "ms", "the bound", "MAC arrays"):
        assert word in texts, word
    assert any("times the" in t and "bound of" in t for t in texts)
    marks = [e for e in root.iter() if "stroke-width" in e.attrib]
    assert len(marks) > 50, len(marks)


if __name__ == "__main__":
    named = {"keys": keys, "verified": verified, "unlike": unlike, "flip": flip, "xml": well_formed,
             "png": png, "timeline": timeline}
    named[sys.argv[1]](*sys.argv[2:])
