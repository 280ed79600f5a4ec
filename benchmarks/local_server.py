"""A destination for measurements: reads each request whole and answers 200, in a process of its own.

python benchmarks/local_server.py [SECONDS]   answers after so many seconds; prints its port
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_BODY = b'{"listId":"L1"}'
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)


def _serve(connection: socket.socket, seconds: float) -> None:
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    space = memoryview(bytearray(1 << 20))
    while True:
        head = b""
        while (end := head.find(b"\r\n\r\n")) < 0:
            count = connection.recv_into(space)
            if not count:
                return
            head += space[:count]
        found = _LENGTH.search(head, 0, end)
        left = (int(found[1]) if found else 0) - (len(head) - end - 4)
        while left > 0:
            count = connection.recv_into(space)
            if not count:
                return
            left -= count
        if seconds:
            time.sleep(seconds)
        connection.sendall(_ANSWER)


def main(seconds: float) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=_serve, args=(connection, seconds), daemon=True).start()


@contextmanager
def local_server(seconds: float = 0.0) -> Iterator[str]:
    """The base URL of a server that answers after so many seconds."""
    process = subprocess.Popen([sys.executable, __file__, str(seconds)], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.terminate()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0)
