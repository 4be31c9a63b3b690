#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Does the demo's report hold what the demo promises? judge.py GUEST.json SIM.json"""
import json
import sys


def main():
    guest, sim = (json.load(open(path)) for path in sys.argv[1:3])
    ran = {r["strategy"]: r for r in guest["results"]}
    modelled = {r["strategy"]: r for r in sim["results"]}
    problems = []

    def expect(holds, what):
        if not holds:
            problems.append(what)

    expect(guest["transport"] == "kernel", "the guest did not use the kernel driver")
    for name in ("fse-dp", "ep"):
        r = ran[name]
        expect(r["verified"] == 64 and not r["verify_failed"], f"{name}: not all tokens verified")
        expect(r["finish_ps"] == modelled[name]["finish_ps"],
               f"{name}: {r['finish_ps']} ps in the guest, {modelled[name]['finish_ps']} in the model")
        expect(r["syscalls"] == 1, f"{name}: {r['syscalls']} system calls to submit")
        expect(r["doorbells"] == r["chip_doorbells"] == 1, f"{name}: {r['doorbells']} doorbells")
        most = -(-r["completions"] // 16)
        expect(r["interrupts"] <= most and r["chip_interrupts"] <= most,
               f"{name}: {r['interrupts']} interrupts for {r['completions']} completions")
    fse, ep = ran["fse-dp"], ran["ep"]
    expect(fse["finish_ps"] <= 1.10 * fse["bound_ps"], "fse-dp: more than 1.10 of the bound")
    expect(fse["peak_sram_bytes"] <= 0.40 * ep["peak_sram_bytes"], "fse-dp: over 40 % of EP's SRAM")
    for problem in problems:
        print("demo:", problem, file=sys.stderr)
    if not problems:
        print("guest and model agree to the picosecond; counts and bounds hold")
    return 1 if problems else 0


sys.exit(main())
