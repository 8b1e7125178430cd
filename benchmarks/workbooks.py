"""The workbook writer against its peers: `make bench-workbooks`.

Each measurement is a fresh process; the writers take turns, so that a busy machine is busy for all of them, and medians
count. Ends with a line a target: `target <name> <measured> <limit> ok|short`.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from io import BytesIO
from itertools import zip_longest
from pathlib import Path
from statistics import median
from zipfile import ZipFile

from openpyxl import load_workbook
from people import HEADS, people
from python_calamine import CalamineWorkbook
from workbook_writers import BOOKS, TITLE

ROOT = Path(__file__).parent.parent
CHILD = Path(__file__).with_name("workbook_writers.py")
ROWS, BOOK_ROWS, RUNS = 100_000, 1_000, int(os.environ.get("RUNS", "5"))
PEERS = ("xlsxwriter", "rustpy", "openpyxl")


def run(peers_python: str, writer: str, work: str, rows: int, path: Path) -> dict[str, float]:
    """What one process took."""
    python = peers_python if writer in PEERS else sys.executable
    command = [python, str(CHILD), writer, work, str(rows), str(path)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True, env=environment)
    return json.loads(done.stdout)


def features(path: Path) -> dict[str, object]:
    """What has to be the same in every writer's workbook."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    cells = [sheet["A1"], sheet["F1"], sheet["A2"], sheet["F2"], sheet["P5"]]
    return {
        "sheet": sheet.title,
        "size": sheet.dimensions,
        "frozen": sheet.freeze_panes,
        "filter": sheet.auto_filter.ref,
        "lists": [(str(each.sqref), each.formula1) for each in sheet.data_validations.dataValidation],
        "widths": [round(sheet.column_dimensions[letter].width - 0.355) for letter in "BFP"],
        "looks": [
            (
                *(
                    cell.font.name,
                    cell.font.size,
                    bool(cell.font.bold),
                    cell.border.left.style,
                    cell.alignment.vertical,
                ),
                *(bool(cell.alignment.wrap_text), cell.fill.fill_type, cell.data_type),
            )
            for cell in cells
        ],
        "formats": [cell.number_format for cell in cells[2:]],
        "values": [[cell.value for cell in row] for row in sheet.iter_rows()],
    }


def same_work(peers_python: str, folder: Path) -> None:
    """SystemExit where a writer does something else than ours."""
    found = {}
    for writer in ("bole", *PEERS):
        path = folder / f"{writer}.xlsx"
        run(peers_python, writer, "rows", 20, path)
        found[writer] = features(path)
    for writer in PEERS:
        for name, value in found["bole"].items():
            if found[writer][name] != value:
                raise SystemExit(f"{writer} has other {name}: {found[writer][name]} instead of {value}")
    print("every writer makes the same workbook (20 rows compared: values, looks, widths, filter, frozen head, list)")


def in_turn(measure: Callable[[str], float], writers: Sequence[str], unit: str) -> dict[str, float]:
    """The median of each writer."""
    taken: dict[str, list[float]] = {writer: [] for writer in writers}
    for _ in range(RUNS):
        for writer in writers:
            taken[writer].append(measure(writer))
    for writer, values in taken.items():
        each = " ".join(f"{value:.2f}" for value in values)
        print(f"  {writer:<12} {median(values):7.2f} {unit}   ({each})")
    return {writer: median(values) for writer, values in taken.items()}


def differences(read: Iterator[Sequence[object]], count: int) -> int:
    """How many of the cells that were read are not what went in."""
    wanted = iter([HEADS, *people(count)])
    pairs = zip_longest(read, wanted, fillvalue=())
    return sum(a != b for row, given in pairs for a, b in zip_longest(row, given))


def by_openpyxl(path: Path) -> Iterator[Sequence[object]]:
    yield from load_workbook(path, read_only=True)[TITLE].iter_rows(values_only=True)


def by_calamine(path: Path) -> Iterator[Sequence[object]]:
    yield from CalamineWorkbook.from_path(path).get_sheet_by_name(TITLE).to_python()


def by_libreoffice(path: Path) -> Iterator[Sequence[object]]:
    """What it shows after opening the workbook, saving it as .xlsx, and opening and saving that as .csv."""
    folder = path.parent / "libreoffice"
    office = ["soffice", f"-env:UserInstallation={(path.parent / 'profile').as_uri()}", "--headless", "--convert-to"]
    for source, kind in ((path, "xlsx"), (folder / path.name, "csv:Text - txt - csv (StarCalc):44,34,76")):
        command = [*office, kind, "--outdir", str(folder), str(source)]
        subprocess.run(command, check=True, capture_output=True, timeout=900)
    with (folder / path.name).with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file)):
            yield [int(row[0]), *row[1:]] if number else row


def main(peers_python: str) -> None:
    """Measure, compare, and print the targets."""
    targets: list[tuple[str, float, float, bool]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "book.xlsx"
        same_work(peers_python, folder)

        def cpu(work: str, rows: int) -> Callable[[str], float]:
            return lambda writer: run(peers_python, writer, work, rows, path)["cpu"]

        print(f"CPU seconds for {ROWS:,} rows of {len(HEADS)} columns")
        rows = in_turn(cpu("rows", ROWS), ("bole", "xlsxwriter", "rustpy"), "s")
        for peer, least in (("xlsxwriter", 10.0), ("rustpy", 1.5)):
            targets.append((f"rows_times_{peer}", ratio := rows[peer] / rows["bole"], least, ratio >= least))
        print(f"CPU seconds for {BOOKS} books of {BOOK_ROWS:,} rows")
        books = in_turn(cpu("books", BOOK_ROWS), ("bole", "openpyxl"), "s")
        targets.append(("books_times_openpyxl", ratio := books["openpyxl"] / books["bole"], 8.0, ratio >= 8))

        for count in (10_000, ROWS):
            print(f"peak memory above the imports, {count:,} rows that come one by one")

            def peak(writer: str, count: int = count) -> float:
                return run(peers_python, writer, "memory", count, path)["mib"]

            memory = in_turn(peak, ("bole", "xlsxwriter", "rustpy"), "MiB")
            targets.append((f"peak_mib_{count}", memory["bole"], 35.0, memory["bole"] <= 35))

        run(peers_python, "bole", "rows", ROWS, path)
        with ZipFile(BytesIO(path.read_bytes())) as archive:
            xml = sum(info.file_size for info in archive.infolist())
        print(f"{path.stat().st_size / 1e6:.1f} MB, {xml / 1e6:.0f} MB of XML; cells that differ when read back:")
        for reader in (by_openpyxl, by_calamine, by_libreoffice):
            wrong = differences(reader(path), ROWS)
            targets.append((f"cells_differing_{reader.__name__}", wrong, 0, wrong == 0))
    for target, measured, limit, good in targets:
        print(f"target {target} {measured:.4g} {limit:g} {'ok' if good else 'short'}")


if __name__ == "__main__":
    main(sys.argv[1])
