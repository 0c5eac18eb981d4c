"""Taskport from Python, with nothing but the standard library: python3 examples/client.py

TASKPORT is the address of a service that runs; EMAIL and PASSWORD make or enter the account.
"""

import json
import os
import time
import uuid
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

BASE = os.environ.get("TASKPORT", "http://localhost:7860") + "/api/v1"
ACCOUNT = {
    "email": os.environ.get("EMAIL", f"py-{uuid.uuid4().hex[:8]}@example.org"),
    "password": os.environ.get("PASSWORD", "a heron on the pier"),
}
token = None


class Problem(Exception):
    def __init__(self, problem):
        super().__init__(f"{problem['code']}: {problem['detail']}")
        self.code = problem["code"]


def call(method, path, body=None, headers=None):
    """Sends a request; waits as long as the service says where it asks for that."""
    sent = dict(headers or {})
    if token:
        sent["Authorization"] = f"Bearer {token}"
    if body is not None:
        sent["Content-Type"] = "application/json"
    data = None if body is None else json.dumps(body).encode()
    while True:
        try:
            with urlopen(Request(BASE + path, data, sent, method=method)) as response:
                text = response.read()
                return json.loads(text) if text else None, response.headers.get("ETag")
        except HTTPError as error:
            wait = error.headers.get("Retry-After")
            if error.code in (429, 503) and wait is not None:
                time.sleep(int(wait))
                continue
            raise Problem(json.load(error)) from None
        except URLError:
            raise SystemExit(
                f"{BASE} cannot be reached: start the service, or set TASKPORT to its address"
            ) from None


def enter():
    try:
        return call("POST", "/auth/register", ACCOUNT)
    except Problem as problem:
        if problem.code != "email_taken":
            raise
        return call("POST", "/auth/login", ACCOUNT)


def open_tasks():
    """Every task that is open, page after page."""
    cursor = None
    while True:
        query = {"status": "pending", "limit": 2, **({"cursor": cursor} if cursor else {})}
        page, _ = call("GET", "/tasks?" + urlencode(query))
        yield from page["items"]
        cursor = page["next_cursor"]
        if cursor is None:
            return


token = enter()[0]["access_token"]

# With a key it may be sent again when the answer is lost: the task is made once.
task, etag = call(
    "POST",
    "/tasks",
    {"title": "Sweep the chimney", "labels": ["home"], "due": {"date": "2030-12-01"}},
    {"Idempotency-Key": str(uuid.uuid4())},
)

# Only as it was read: a change that another client made meanwhile is not overwritten.
task, _ = call("PATCH", f"/tasks/{task['id']}", {"priority": "high"}, {"If-Match": etag})
print(task["title"], task["priority"])

for one in open_tasks():
    print("-", one["title"])

call("POST", f"/tasks/{task['id']}/complete")
call("DELETE", f"/tasks/{task['id']}")
print("done")
