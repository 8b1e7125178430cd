"""The chat, measured: `make bench-chat`. Ratios in one run hold across machines where milliseconds do not.

    python benchmarks/chat.py [turns | webhook | growth | flood]     only these

It ends with a line a target: ``target <name> <measured> <limit> ok|short``. Nothing is kept. What is compared with
what, and why that is fair: docs/benchmarks.md.
"""

import importlib
import logging
import os
import sys

import structlog

PARTS = {part: f"chat_{part}" for part in ("turns", "webhook", "growth", "flood")}


def main(names: list[str]) -> None:
    lines: list[str] = []
    for name in names or PARTS:
        print(f"--- {name}   (load {os.getloadavg()[0]:.1f})", flush=True)
        lines += [str(target) for target in importlib.import_module(PARTS[name]).main()]
    print("---", *lines, sep="\n")


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    main(sys.argv[1:])
