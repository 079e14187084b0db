"""A gateway for text messages in its smallest form: it receives signed messages of gridcity, checks
each, and prints what it would send. Python's standard library only.

    GATEWAY_SECRET=whsec_… python sms_receiver.py 9000

The signature is that of Standard Webhooks (https://www.standardwebhooks.com). A receipt is sent
the other way round, signed with the same secret, to /api/receipts/ of the city's site:
{"id": "…", "status": "delivered"} or {"id": "…", "status": "failed", "error": "…"}.
"""

import base64
import hashlib
import hmac
import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

OLDEST_SECONDS = 300


def is_genuine(secret, headers, body, now):
    """True for a body that the city signed within the last five minutes; `now` in Unix seconds."""
    key, stamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not stamp.isdecimal() or abs(now - int(stamp)) > OLDEST_SECONDS:
        return False
    if secret.startswith("whsec_"):
        secret = base64.b64decode(secret.removeprefix("whsec_"))
    else:
        secret = secret.encode()
    wanted = hmac.digest(secret, f"{key}.{stamp}.".encode() + body, hashlib.sha256)
    given = headers.get("webhook-signature", "").split()
    return any(hmac.compare_digest(b"v1," + base64.b64encode(wanted), g.encode()) for g in given)


class Receiver(BaseHTTPRequestHandler):
    seen = set()  # a real one keeps the ids for some days: a message may come more than once

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if not is_genuine(os.environ["GATEWAY_SECRET"], self.headers, body, time.time()):
            self.send_error(401)
            return
        message = json.loads(body)
        if message["id"] not in self.seen:
            self.seen.add(message["id"])
            print(message["to"], message["text"], flush=True)
        self.send_response(204)
        self.end_headers()


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
