"""From the upload to the verdict that the person sees, everything running: `bole serve` on a folder of its own.

Eight people at a time each send a 12-megapixel photo over HTTP, as the page's script does (announced, then in parts
with their sums), and look at their page until the rebuilt thumbnail is there. Several rounds; every photo is another.
The clock runs from the first request to the first answer with the verdict.
"""

import hashlib
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from documents_photos import phone_photo
from targets import Target

AT_A_TIME, ROUNDS, PHOTOS = 8, 4, 4
MOST_SECONDS = 3.0
LOOKS_EVERY = 0.15  # seconds; the page itself asks less often
PATIENCE = 120.0
PART = 512 * 1024
SEED = 11


@dataclass(frozen=True)
class Person:
    """An application that has come to its documents, and the proof that it is ours."""

    slug: str
    app_id: str
    document: str
    ticket: str
    cookie: str


def people(data: Path, count: int) -> list[Person]:
    """Invented people, their answers given; the photos are still to come."""
    from models import crypto
    from models.application import service
    from models.clock import SystemClock
    from models.programme.loader import load_pack, pack_slugs
    from models.settings import Settings
    from webforms import access
    from webforms.app import create_app
    from webforms.simulate import invent

    app = create_app(Settings(data=data, demo=True))
    app.extensions["bole"].redis = None
    made = []
    with app.app_context():
        pack = load_pack(pack_slugs()[0])
        for serial in range(count):
            invented = invent(pack, SEED, serial, SystemClock().today())
            started = service.start(pack.slug, "web", "zh")
            service.record(started.application.id, {**invented.answers, "verdict": True}, "web")
            ask = next(ask for ask in invented.plan.documents if ask.required and not ask.portrait)
            app_id = started.application.id
            cookie = crypto.ring().sign("door", {pack.slug: {"app": app_id, "link": ""}})
            document = ask.key.partition(":")[2]
            made.append(Person(pack.slug, app_id, document, access.ticket(pack.slug, app_id), cookie))
    return made


@dataclass(frozen=True)
class Site:
    """The running service, as a browser sees it."""

    base: str

    def ask(self, person: Person, path: str, fields: dict[str, str] | None = None, part: bytes = b"") -> bytes:
        headers = {"Cookie": f"bole_door={person.cookie}", "Origin": self.base}
        body = None
        if fields is not None:
            body, headers["Content-Type"] = _form({**fields, "_ticket": person.ticket}, part)
        request = urllib.request.Request(f"{self.base}/p/{person.slug}/{path}", data=body, headers=headers)
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return bytes(answer.read())

    def send(self, person: Person, photo: bytes) -> str:
        """All parts; the page's id."""
        import json

        key, digest = hashlib.sha256(person.app_id.encode()).hexdigest()[:24], hashlib.sha256(photo).hexdigest()
        fields = {"key": key, "sha256": digest, "size": str(len(photo))}
        said = json.loads(self.ask(person, f"d/{person.document}/parts", fields))
        while not said["page"]:
            part = photo[said["offset"] : said["offset"] + PART]
            fields = {"offset": str(said["offset"]), "sha256": hashlib.sha256(part).hexdigest()}
            said = json.loads(self.ask(person, f"d/{person.document}/parts/{said['upload']}", fields, part))
        return str(said["page"])

    def wait(self, person: Person, page_id: str) -> None:
        """Until the person's page shows the verdict, with the rebuilt thumbnail beside it."""
        shown = f"page/{page_id}".encode()
        until = time.monotonic() + PATIENCE
        while shown not in self.ask(person, f"d/{person.document}"):
            if time.monotonic() > until:
                raise SystemExit("no verdict came; is a worker running?")
            time.sleep(LOOKS_EVERY)


def _form(fields: dict[str, str], part: bytes) -> tuple[bytes, str]:
    edge = "--------bole-bench"
    begin = f"--{edge}\r\nContent-Disposition: form-data; name="
    rows = [f'{begin}"{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    if part:
        rows += [f'{begin}"part"; filename="part"\r\n\r\n'.encode(), part, b"\r\n"]
    return b"".join([*rows, f"--{edge}--\r\n".encode()]), f"multipart/form-data; boundary={edge}"


def one(site: Site, person: Person, photo: bytes) -> float:
    """Seconds from the first request to the verdict on the person's page."""
    before = time.monotonic()
    site.wait(person, site.send(person, photo))
    return time.monotonic() - before


def serve(data: Path, port: int) -> subprocess.Popen[str]:
    env = {name: value for name, value in os.environ.items() if name not in ("REDIS_URL", "DATABASE_URL")}
    env |= {"BOLE_DATA": str(data), "PORT": str(port), "BOLE_DEMO": "1", "BOLE_DEMO_PEOPLE": "0"}
    command = [sys.executable, "-m", "webforms.cli", "serve"]
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if re.match("ready ", line):
            return process
    raise SystemExit("bole serve ended before it was ready")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> list[Target]:
    photos = [phone_photo(12, seed) for seed in range(PHOTOS)]
    with tempfile.TemporaryDirectory() as folder:
        data, port = Path(folder) / "data", free_port()
        process = serve(data, port)
        try:
            crowd = people(data, AT_A_TIME * (ROUNDS + 1))
            site, taken = Site(f"http://127.0.0.1:{port}"), []
            with ThreadPoolExecutor(AT_A_TIME) as threads:
                for turn in range(ROUNDS + 1):
                    now = crowd[turn * AT_A_TIME : (turn + 1) * AT_A_TIME]
                    found = list(threads.map(lambda p, n: one(site, p, photos[n % PHOTOS]), now, range(AT_A_TIME)))
                    print(f"round {turn}, seconds:", *(f"{took:.1f}" for took in sorted(found)), flush=True)
                    taken += found if turn else []  # the first one warms up
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()
    typical = median(taken)
    limit = f"<={MOST_SECONDS:.0f}"
    return [Target("upload-to-verdict-median-seconds", f"{typical:.1f}", limit, typical <= MOST_SECONDS)]
