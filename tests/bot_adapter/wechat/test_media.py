"""Photos by address: from the platform's hosts, not from inside, in size and time."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from fake_wechat import Broken
from waiting import PATIENCE

from bot_adapter.channels.base import MediaLost
from bot_adapter.channels.wechat import media

BEAT = 0.05  # seconds
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
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def anywhere(_address: str) -> bool:
    return True


def test_the_list_of_authorities_is_read_once_and_believed(monkeypatch, pictures):
    made, client = [], httpx.Client
    monkeypatch.setattr(media.httpx, "Client", lambda **given: made.append(given["verify"]) or client(**given))
    for _ in range(2):
        assert media.fetch(f"{pictures}/photo", hosts=["localhost"], allowed=anywhere) == PHOTO
    assert made[0] is made[1]
    assert made[0].check_hostname
    assert made[0].verify_mode is ssl.CERT_REQUIRED


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
        ("224.0.0.1", False),
        ("192.0.0.8", False),
        ("ff0e::1", False),
        ("fec0::1", False),
        ("fe80::1%eth0", False),
        ("2001:db8::1", False),
        ("::ffff:8.8.8.8", True),
        ("::10.0.0.1", False),
        ("64:ff9b::8.8.8.8", True),
        ("64:ff9b::10.0.0.1", False),
        ("2002:808:808::1", True),
        ("2002:a00:1::1", False),
    ],
)
def test_which_addresses_are_the_internets(address, public):
    assert media.is_public(address) is public


@pytest.mark.parametrize("inside", ["10.0.0.1", "::1", "64:ff9b::7f00:1"])
def test_a_name_of_which_one_address_is_inside_is_not_asked(pictures, monkeypatch, inside):
    port = int(pictures.rpartition(":")[2])
    found = [(0, 0, 0, "", (address, port)) for address in ("8.8.8.8", inside)]
    monkeypatch.setattr(media.socket, "getaddrinfo", lambda *_a, **_k: found)
    monkeypatch.setattr(media.httpx, "Client", lambda **_given: pytest.fail("asked"))
    assert media.fetch("http://mmbiz.qpic.cn/photo") is None


def test_a_photo_comes_by_its_address_or_else_by_its_id(account, wechat, monkeypatch):
    wechat.files["m-1"] = PHOTO
    came = []
    monkeypatch.setattr(media, "fetch", lambda url, **_how: came.append(url) or (b"by address" if "1" in url else None))
    assert media.photo(media.reference("http://mmbiz.qpic.cn/1", "m-1"), account) == b"by address"
    assert media.photo(media.reference("http://mmbiz.qpic.cn/2", "m-1"), account) == PHOTO
    assert media.photo(media.reference("", "m-1"), account) == PHOTO
    assert came == ["http://mmbiz.qpic.cn/1", "http://mmbiz.qpic.cn/2"]


@pytest.mark.parametrize("media_id", ["expired", "", "../../etc", "a b"])
def test_what_comes_by_neither_is_lost(account, wechat, media_id):
    with pytest.raises(MediaLost):
        media.photo(media.reference("", media_id), account)


def test_without_rights_an_id_is_no_way(wechat):
    wechat.files["m-1"] = PHOTO
    with pytest.raises(MediaLost):
        media.photo(media.reference("", "m-1"), None)
    assert wechat.asked == []


def test_the_id_of_a_film_and_a_file_that_is_too_large_are_lost(account, wechat, monkeypatch):
    wechat.files["m-1"] = PHOTO
    monkeypatch.setattr(media, "MAX_BYTES", len(PHOTO))
    assert media.photo(media.reference("", "m-1"), account) == PHOTO
    monkeypatch.setattr(media, "MAX_BYTES", len(PHOTO) - 1)
    with pytest.raises(MediaLost):
        media.photo(media.reference("", "m-1"), account)
    wechat.files["m-2"] = b"film"
    with pytest.raises(MediaLost):
        media.photo(media.reference("", "m-2"), account)


@pytest.mark.parametrize("body", [b"<html>", b"", b'{"errcode": -1}'], ids=["html", "empty", "busy"])
def test_an_error_instead_of_a_file_is_no_photo(account, wechat, body):
    wechat.break_next("/cgi-bin/media/get", Broken(body=body, headers={"Content-Type": "text/plain"}))
    with pytest.raises(MediaLost):
        media.photo(media.reference("", "m-1"), account)


def test_a_file_is_fetched_with_a_new_token_where_the_old_one_has_expired(account, wechat):
    wechat.files["m-1"] = PHOTO
    account.token()
    wechat.expire()
    assert media.photo(media.reference("", "m-1"), account) == PHOTO
    assert wechat.refreshes == 2


def test_both_ways_together_leave_time_for_the_reply(account, monkeypatch):
    given = []
    monkeypatch.setattr(media, "fetch", lambda _url, seconds: given.append(seconds))
    monkeypatch.setattr(type(account), "media", lambda _self, _id, seconds, _most: given.append(seconds) or PHOTO)
    assert media.photo(media.reference("http://mmbiz.qpic.cn/1", "m-1"), account) == PHOTO
    by_address, by_id = given
    assert by_address <= media.FIRST < media.SECONDS and by_id <= media.SECONDS < 5


def test_a_name_that_is_looked_up_for_too_long_is_given_up(monkeypatch):
    over, seen = threading.Event(), []
    monkeypatch.setattr(media.socket, "getaddrinfo", lambda *_a, **_k: seen.append(over.wait(PATIENCE)) or [])
    assert media.fetch("http://mmbiz.qpic.cn/1", seconds=0.2) is None
    assert seen == [], "it is still being looked up"
    over.set()


def test_a_host_whose_every_step_is_just_in_time_is_given_up():
    """Its header comes letter by letter: a time for each step would never be over."""
    over = threading.Event()
    with closing(socket.create_server(("127.0.0.1", 0))) as server:

        def serve():
            connection, _from = server.accept()
            with closing(connection), suppress(OSError):
                connection.recv(4096)
                connection.sendall(b"HTTP/1.1 200 OK\r\nX: ")
                for _letter in range(200):
                    if not over.wait(BEAT):
                        connection.sendall(b"x")

        thread = threading.Thread(target=serve)
        thread.start()
        address = f"http://localhost:{server.getsockname()[1]}/photo"
        assert media.fetch(address, hosts=["localhost"], allowed=anywhere, seconds=0.3) is None
        assert thread.is_alive(), "it has not come to its end"
        over.set()
        thread.join(PATIENCE)


def test_a_file_that_does_not_come_in_time_is_lost(account, wechat):
    account.token()
    over = threading.Event()
    wechat.break_next("/cgi-bin/media/get", Broken(until=over))
    with pytest.raises(MediaLost):
        media.photo(media.reference("", "m-1"), account, 0.3)
    over.set()
