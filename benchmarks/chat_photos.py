"""A server of photos as the platform's own is: small copies of what a phone took, by number, from a process of its own.
`chat_photos.py PORT`."""

from __future__ import annotations

import io
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from documents_photos import phone_photo
from PIL import Image

LONGEST, QUALITY, COUNT = 1440, 80, 8  # pixels and quality as the platform's copies have them


def small(seed: int) -> bytes:
    picture = Image.open(io.BytesIO(phone_photo(12, seed)))
    picture.thumbnail((LONGEST, LONGEST))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def main(port: int) -> None:
    photos = [small(seed) for seed in range(COUNT)]

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            data = photos[int(self.path.strip("/")) % COUNT]
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_given: object) -> None:
            """Thousands of lines that nobody reads."""

    class Server(ThreadingHTTPServer):
        request_queue_size = 128

    server = Server(("127.0.0.1", port), Answer)
    print(f"photos of {sum(map(len, photos)) // COUNT // 1024} kB", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(int(sys.argv[1]))
