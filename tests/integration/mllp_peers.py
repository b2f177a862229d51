"""The other ends of MLLP connections: a receiver that records and misbehaves on demand, and a client."""
import re
import socket
import threading

START, END = b"\x0b", b"\x1c\r"
PATIENCE_S = 20


def take_frame(buffer):
    """The first frame's content, taken off `buffer` (a bytearray); None: it isn't whole yet."""
    end = buffer.find(END)
    if end < 0:
        return None
    start = buffer.find(START)
    content = bytes(buffer[start + 1:end])
    del buffer[:end + len(END)]
    return content


def control_id(message):
    """MSH-10, by the separator that the message declares."""
    header = re.split(rb"[\r\n]", message, maxsplit=1)[0].removeprefix(b"\xef\xbb\xbf")
    fields = header.split(header[3:4] or b"|")
    return fields[9] if len(fields) > 9 else b""


def acknowledgement(message, code=b"AA", text=b""):
    """In the message's own separators; what is no message is answered in the usual ones."""
    header = message.removeprefix(b"\xef\xbb\xbf")
    separator = header[3:4] if header.startswith(b"MSH") else b"|"
    characters = re.split(rb"[\r\n]", header)[0][4:].split(separator)[0] if separator else b""
    if not header.startswith(b"MSH") or not characters:
        separator, characters = b"|", b"^~\\&"
    return separator.join([b"MSH", characters, b"PEER", b"", b"", b"", b"20260101000000", b"",
                           b"ACK", b"ack-" + control_id(message), b"P", b"2.5"]) + b"\r" \
        + separator.join([b"MSA", code, control_id(message), text]) + b"\r"


def msa(answer):
    """(code, control id, text) of an acknowledgement."""
    separator = answer[3:4]
    for segment in answer.split(b"\r"):
        if segment.startswith(b"MSA" + separator):
            fields = segment.split(separator) + [b"", b"", b""]
            return fields[1].decode(), fields[2], fields[3].decode(errors="replace")
    raise AssertionError(f"no MSA in {answer!r}")


class Receiver:
    """Answers with `code`, or not at all when that is None. `received`: contents in their order."""

    def __init__(self, port=0, code=b"AA", text=b""):
        self.code, self.text = code, text
        self.received = []
        self._connections = []
        self._listener = socket.create_server(("127.0.0.1", port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        buffer = bytearray()
        try:
            while data := connection.recv(65536):
                buffer += data
                while (message := take_frame(buffer)) is not None:
                    self.received.append(message)
                    if self.code is not None:
                        answer = acknowledgement(message, self.code, self.text)
                        connection.sendall(START + answer + END)
        except OSError:
            pass
        finally:
            connection.close()

    def stop(self):
        # A thread that waits in accept() keeps the socket open until it is woken.
        try:
            self._listener.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass
        self._listener.close()
        for connection in self._connections:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class Client:
    """One connection to a source; with `tls` (an SSLContext) encrypted."""

    def __init__(self, port, tls=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        self.buffer = bytearray()

    def send(self, message):
        self.socket.sendall(START + message + END)

    def answer(self):
        while (content := take_frame(self.buffer)) is None:
            data = self.socket.recv(65536)
            if not data:
                raise ConnectionError("closed without an answer")
            self.buffer += data
        return content

    def ask(self, message):
        self.send(message)
        return self.answer()

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
