"""A real server on this machine: a test tells it how to answer, and it keeps what it was asked."""

import contextlib
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OK = 201


@dataclass(frozen=True)
class Asked:
    """One request: its headers by lower-case names, its body."""

    headers: dict
    body: bytes


@dataclass
class Answering:
    """`answers` are used up in their order: a status, or "hang" to say nothing until `release`;
    after them every request gets `otherwise`."""

    url: str = ""
    answers: list = field(default_factory=list)
    otherwise: object = OK
    asked: list = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, asked):
        with self.lock:
            self.asked.append(asked)
            return self.answers.pop(0) if self.answers else self.otherwise


@contextlib.contextmanager
def answering():
    """A context: an `Answering` on a free port of this machine."""
    made = Answering()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            answer = made.take(Asked(headers, body))
            if answer == "hang":
                made.release.wait(30)
                return
            self.send_response(answer)
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield made
    finally:
        made.release.set()
        server.shutdown()
        server.server_close()
        thread.join()
