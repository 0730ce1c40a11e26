# SPDX-License-Identifier: GPL-2.0-or-later
"""Many readers of /events at once, and some that never read. They read until the run ends, at least 75 s and at most
SECONDS: a reader that takes nothing is dropped after 30 s. usage: readers.py PORT COUNT DEAF SECONDS. Prints a JSON
object: how many units each reader saw at least, and how many of the deaf ones were dropped."""
import json, selectors, socket, sys, time

port, count, deaf, seconds = (int(a) for a in sys.argv[1:5])
request = b"GET /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % port
selector = selectors.DefaultSelector()
readers = []
for i in range(count):
    s = socket.create_connection(("127.0.0.1", port))
    s.sendall(request)
    s.setblocking(False)
    reader = {"socket": s, "tail": b"", "units": 0, "bytes": 0, "open": True, "over": False}
    selector.register(s, selectors.EVENT_READ, reader)
    readers.append(reader)
silent = []
for i in range(deaf):
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    s.connect(("127.0.0.1", port))
    s.sendall(request)
    silent.append(s)
print("ready", flush=True)
begun = time.monotonic()
while time.monotonic() < begun + seconds:
    if time.monotonic() > begun + 75 and all(r["over"] or not r["open"] for r in readers):
        break
    for key, _ in selector.select(1):
        reader = key.data
        try:
            data = reader["socket"].recv(1 << 18)
        except BlockingIOError:
            continue
        if not data:
            reader["open"] = False
            selector.unregister(reader["socket"])
            continue
        reader["bytes"] += len(data)
        *lines, reader["tail"] = (reader["tail"] + data).split(b"\n")
        reader["units"] += sum(line.rstrip() == b"event: unit" for line in lines)
        reader["over"] |= any(line.rstrip() == b"event: summary" for line in lines)
dropped = 0
for s in silent:
    # One that was dropped ends; the others would go on for ever.
    s.settimeout(3)
    try:
        while s.recv(1 << 20):
            pass
        dropped += 1
    except ConnectionError:
        dropped += 1
    except TimeoutError:
        pass
print(json.dumps({"open": sum(r["open"] for r in readers), "least_units": min(r["units"] for r in readers),
                  "bytes": sum(r["bytes"] for r in readers), "dropped": dropped}))
