"""Photos by address: from the platform's hosts, not from inside, in size and time."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bot_adapter.channels.wechat import media

PHOTO = b"\xff\xd8\xff" + bytes(5000)


class Pictures(BaseHTTPRequestHandler):
    seen: list[str] = []

    def do_GET(self) -> None:
        self.seen.append(self.headers["Host"])
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/photo")
            self.end_headers()
            return
        self.send_response(200 if self.path == "/photo" else 404)
        self.end_headers()
        self.wfile.write(PHOTO)

    def log_message(self, *_args: object) -> None:
        """Quiet."""


@pytest.fixture
def pictures() -> Iterator[str]:
    Pictures.seen.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pictures)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def anywhere(_address: str) -> bool:
    return True


def test_a_photo_comes_with_its_hosts_name(pictures):
    found = media.fetch(f"{pictures}/photo", hosts=["localhost"], allowed=lambda address: address == "127.0.0.1")
    assert found == PHOTO
    assert Pictures.seen == [pictures.removeprefix("http://")]


@pytest.mark.parametrize("path", ["/moved", "/gone"])
def test_what_is_elsewhere_or_gone_does_not(pictures, path):
    assert media.fetch(pictures + path, hosts=["localhost"], allowed=lambda address: address == "127.0.0.1") is None


def test_the_limit_is_its_size(pictures):
    given = {"hosts": ["localhost"], "allowed": lambda address: address == "127.0.0.1"}
    assert media.fetch(f"{pictures}/photo", most=len(PHOTO), **given) == PHOTO
    assert media.fetch(f"{pictures}/photo", most=len(PHOTO) - 1, **given) is None


def test_nothing_inside_is_asked(pictures):
    assert media.fetch(f"{pictures}/photo", hosts=["localhost"]) is None
    assert Pictures.seen == []


@pytest.mark.parametrize(
    "url",
    [
        "",
        "photo.jpg",
        "file:///etc/passwd",
        "ftp://mmbiz.qpic.cn/a",
        "http://127.0.0.1/a",
        "http://[::1]/a",
        "http://evilqpic.cn/a",
        "http://qpic.cn.evil.example/a",
        "http://mmbiz.qpic.cn@evil.example/a",
        "http://mmbiz.qpic.cn:99999/a",
        "http://[/a",
    ],
)
def test_other_hosts_are_not_asked(url, monkeypatch):
    monkeypatch.setattr(media.socket, "getaddrinfo", lambda *_a, **_k: pytest.fail("looked up"))
    assert media.fetch(url) is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700:4700::1111", True),
        ("10.0.0.1", False),
        ("127.0.0.1", False),
        ("169.254.169.254", False),
        ("192.168.1.1", False),
        ("100.64.0.1", False),
        ("::1", False),
        ("fe80::1", False),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),
    ],
)
def test_which_addresses_are_the_internets(address, public):
    assert media.is_public(address) is public
