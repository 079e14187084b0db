"""Real servers on this machine: a test tells one how to answer, and it keeps what it was asked."""

import contextlib
import socketserver
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

    with _serving(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as port:
        made.url = f"http://127.0.0.1:{port}"
        try:
            yield made
        finally:
            made.release.set()


@contextlib.contextmanager
def _serving(server):
    """A context in which a server answers on its port, which is the value."""
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Post:
    """A mail server (RFC 5321): while it `is_away` it hangs up on everybody, while it `refuses` it
    knows nobody. `tries` counts the calls, `letters` keeps what was taken."""

    port: int = 0
    is_away: bool = False
    refuses: bool = False
    tries: int = 0
    letters: list = field(default_factory=list)


@contextlib.contextmanager
def mail_server():
    """A context: a `Post` on a free port of this machine."""
    made = Post()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self):
            made.tries += 1
            if made.is_away:
                return
            self.say(b"220 ready")
            for line in self.rfile:
                if self.answer(line[:4].upper()) == "over":
                    return

        def answer(self, verb):
            if verb == b"QUIT":
                self.say(b"221 bye")
                return "over"
            if verb == b"DATA":
                self.say(b"354 go on")
                made.letters.append(b"".join(iter(self.rfile.readline, b".\r\n")))
            knows_nobody = verb == b"RCPT" and made.refuses
            self.say(b"550 no such user" if knows_nobody else b"250 ok")
            return "on"

        def say(self, words):
            self.wfile.write(words + b"\r\n")

    with _serving(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as made.port:
        yield made
