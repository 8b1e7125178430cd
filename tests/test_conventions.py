"""What holds for the whole tree."""

import ast
import importlib
import os
import re
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from models.crowd import THREADS
from models.queue import JOBS, QUEUES
from webforms import serve

ROOT = Path(__file__).parent.parent
PACKAGES = ("models", "bot_adapter", "webforms", "workers")


@pytest.fixture
def notice_texts() -> dict[str, str]:
    """The notices' texts by pack name; they are not part of the project: BOLE_NOTICES says where they are."""
    folder = os.environ.get("BOLE_NOTICES")
    return {p.stem: p.read_text("utf-8") for p in Path(folder).glob("*.txt")} if folder else {}


def tracked(*patterns: str) -> list[Path]:
    names = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return [ROOT / name for name in names.splitlines() if (ROOT / name).is_file()]


def sources() -> list[Path]:
    return [p for p in tracked("*.py") if p.relative_to(ROOT).parts[0] in PACKAGES]


def test_there_is_something_to_look_at() -> None:
    assert len(sources()) > 50


@pytest.mark.parametrize("package", PACKAGES)
def test_no_other_distribution_provides_our_generic_names(package: str) -> None:
    assert set(packages_distributions().get(package, [])) <= {"bole"}
    assert Path(str(importlib.import_module(package).__file__)).is_relative_to(ROOT)


@pytest.mark.parametrize("job", JOBS.values(), ids=lambda job: job.name)
def test_every_job_name_resolves_to_a_function(job: object) -> None:
    module, _, name = job.function.rpartition(".")  # type: ignore[attr-defined]
    assert callable(getattr(importlib.import_module(module), name))


def test_the_supervisor_runs_one_worker_for_each_queue_and_the_threads_that_a_crowd_is_counted_by() -> None:
    assert serve.QUEUES == QUEUES
    assert serve.THREADS == THREADS
    assert {job.queue for job in JOBS.values()} == set(QUEUES)


def test_package_inits_are_empty() -> None:
    full = [str(p.relative_to(ROOT)) for p in sources() if p.name == "__init__.py" and p.read_text().strip()]
    assert full == []


def test_modules_stay_readable() -> None:
    long = {str(p.relative_to(ROOT)): n for p in sources() if (n := len(p.read_text().splitlines())) > 320}
    assert {name: n for name, n in long.items() if "/migrations/versions/" not in name} == {}  # a migration is one step


def test_nothing_about_one_notice_in_code() -> None:
    slugs = [p.name for p in (ROOT / "models" / "packs").iterdir() if p.is_dir() and not p.name.startswith("_")]
    assert slugs
    places = re.compile("|".join(["衡阳", "呈贡", "克拉玛依", "中山市", "宁夏", *map(re.escape, slugs)]))
    named = [
        (str(p.relative_to(ROOT)), match.group())
        for p in sources()
        if "packs" not in p.parts and (match := places.search(_code_only(p)))
    ]
    assert named == []


def _code_only(path: Path) -> str:
    """The source without its docstrings (an example may name a pack)."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(
            node
        ):
            node.body = node.body[1:] or [ast.Pass()]
    return ast.unparse(tree)


def test_only_settings_reads_the_environment() -> None:
    readers = {str(p.relative_to(ROOT)) for p in sources() if re.search(r"os\.environ|getenv\(", p.read_text("utf-8"))}
    # serve hands its own environment on to the children; decoding and the doctor's children get a bare one
    assert readers <= {"models/settings.py", "webforms/serve.py"}


def test_only_the_clock_reads_the_wall_clock() -> None:
    call = re.compile(r"datetime\.(now|utcnow|today)\(|\bdate\.today\(|\btime\.time\(")
    readers = {str(p.relative_to(ROOT)) for p in sources() if call.search(p.read_text("utf-8"))}
    # stamp runs before anything is imported, so that a warm start stays quick
    assert readers <= {"models/clock.py", "webforms/stamp.py"}


def test_no_test_is_skipped_and_no_error_is_swallowed() -> None:
    skip = re.compile(r"pytest\.skip|mark\.(skip|xfail)|importorskip")
    swallow = re.compile(r"except( Exception| BaseException)?:\s*\n\s*(pass|\.\.\.)\s*\n")
    guilty = [p.name for p in tracked("*.py") if skip.search(p.read_text("utf-8")) and p != Path(__file__)]
    guilty += [p.name for p in sources() if swallow.search(p.read_text("utf-8"))]
    assert guilty == []


def test_tests_wait_for_what_comes_and_measure_no_time() -> None:
    """On a busy machine a test that sleeps, or gives something a second, is red without a defect."""
    timed = re.compile(
        r"\bsleep\((?!60)|wait_for_timeout|set_default_timeout|timeout=\d|\.(wait|join|communicate)\(\d|"
        r"perf_counter|monotonic\("
    )
    browser = re.compile(r"chromium\.launch|sync_playwright\(|make_server\(|new_context\(")
    support = ROOT / "tests" / "support"
    tests = [p for p in tracked("tests/*.py") if p != Path(__file__) and support not in p.parents]
    guilty = [
        (str(p.relative_to(ROOT)), found.group())
        for p in tests
        for pattern in (timed, browser)
        for found in pattern.finditer(p.read_text("utf-8"))
    ]
    assert guilty == []


def test_a_process_starts_without_what_only_some_pages_need(tmp_path: Path) -> None:
    """Web, workers and scheduler each make the app: what only a table or a report needs is imported by that."""
    make = "import sys, webforms.app; webforms.app.create_app(); print(*sys.modules)"
    env = {"BOLE_DATA": str(tmp_path), "PATH": os.environ["PATH"]}
    made = subprocess.run([sys.executable, "-c", make], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    there = set(made.stdout.split())
    assert "webforms.office" in there
    assert there & {"openpyxl", "numpy", "cv2", "docx", "reportlab", "lxml", "onnxruntime", "moto", "alembic"} == set()


def contact_details(notice: str) -> set[str]:
    """Names after 「联系人：」 and telephone numbers of a notice's text."""
    lines = re.findall(r"联系人[：:]\s*([^\n_]+)", notice)
    words = {word for line in lines for word in re.findall(r"[\u4e00-\u9fff]{2,}", line)}
    names = {word for word in words if len(word) <= 4 and "电话" not in word}
    phones = set(re.findall(r"1[3-9]\d{9}|\d{3,4}[-－]\d{7,8}", notice))
    return names | phones


def test_contact_details_are_found_in_a_notice_at_all() -> None:
    found = contact_details("2.联系人：甲某某、乙某\n3.电话：0000－1234567 13900000000")
    assert found == {"甲某某", "乙某", "0000－1234567", "13900000000"}


def test_the_notices_contact_persons_stay_out(notice_texts: dict[str, str]) -> None:
    texts = {p: p.read_text("utf-8") for p in tracked("*.py", "*.toml", "*.csv", "*.md", "*.html", "*.po")}
    here = Path(__file__)
    found = {
        (str(path.relative_to(ROOT)), "a contact detail")
        for notice in notice_texts.values()
        for detail in contact_details(notice)
        for path, text in texts.items()
        if path != here and detail in text
    }
    assert found == set()


def test_ruff_version_runs() -> None:
    """`make lint` relies on it; a wheel for the wrong platform shows here."""
    done = subprocess.run([sys.executable, "-m", "ruff", "--version"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
