"""A clamd of the operator's: bytes are sent to it (INSTREAM), and it says which virus it finds."""

import socket
import struct
import time

PATIENCE = 20.0
"""Seconds that a whole scan may take."""
_PIECE = 256 * 1024
_LONGEST_ANSWER = 4096


def scan(address: str, data: bytes, patience: float = PATIENCE) -> str:
    """Give the name of the virus that a clamd finds in the bytes, empty where it finds none.

    `address` is `host:port` or the path of a socket. OSError where it does not answer in time, or not as clamd does.
    """
    pieces = (data[place : place + _PIECE] for place in range(0, len(data), _PIECE))
    sent = b"".join(struct.pack(">I", len(piece)) + piece for piece in pieces)
    answer = _asked(address, b"zINSTREAM\0" + sent + struct.pack(">I", 0), patience)
    said = answer.removeprefix("stream:").strip()
    if said == "OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removesuffix(" FOUND")[:200]
    raise OSError(f"clamd said {said[:200]!r}")


def answers(address: str, patience: float = 3.0) -> bool:
    """Tell whether a clamd answers."""
    try:
        return _asked(address, b"zPING\0", patience) == "PONG"
    except OSError:
        return False


def _asked(address: str, question: bytes, patience: float) -> str:
    """Send a question and read the answer, all within `patience` seconds."""
    until = time.monotonic() + patience
    with _connected(address, patience) as line:
        _send(line, question, until)
        answer = b""
        while b"\0" not in answer and len(answer) < _LONGEST_ANSWER:
            line.settimeout(_left(until))
            piece = line.recv(_LONGEST_ANSWER)
            if not piece:
                break
            answer += piece
    return answer.partition(b"\0")[0].decode("utf-8", "replace").strip()


def _send(line: socket.socket, question: bytes, until: float) -> None:
    """Send piece by piece; a clamd that has enough closes the line before the end, and its answer says why."""
    for place in range(0, len(question), _PIECE):
        line.settimeout(_left(until))
        try:
            line.sendall(question[place : place + _PIECE])
        except (BrokenPipeError, ConnectionResetError):
            return


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("it took too long")
    return left


def _connected(address: str, patience: float) -> socket.socket:
    if not address.startswith("/"):
        host, _, port = address.rpartition(":")
        return socket.create_connection((host.strip("[]"), int(port)), patience)
    line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    line.settimeout(patience)
    try:
        line.connect(address)
    except OSError:
        line.close()
        raise
    return line
