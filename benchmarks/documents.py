"""Documents, measured: `make bench-documents`. Ratios in one run hold across machines where milliseconds do not.

    python benchmarks/documents.py [images | serving | ocr]     only these

It ends with a line a target: ``target <name> <measured> <limit> ok|short``. Nothing is kept.
"""

import importlib
import sys

PARTS = {"images": "documents_images", "serving": "documents_serving", "ocr": "documents_ocr"}


def main(names: list[str]) -> None:
    lines: list[str] = []
    for name in names or PARTS:
        print(f"--- {name}", flush=True)
        lines += [str(target) for target in importlib.import_module(PARTS[name]).main()]
    print("---", *lines, sep="\n")


if __name__ == "__main__":
    import logging

    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    main(sys.argv[1:])
