#!/usr/bin/env python3
"""An engine that stands still loses its lease to a standby, and must send nothing when it wakes.

Both work on one database, that of the first; each has a gate of its own before the receiver, so that
it can be told which of them sent.

Usage: takeover_test.py BUILD_FOLDER"""
import shutil
import signal
import socket
import sys
import time
from pathlib import Path

from comparison import Comparison, Stored, backlog
from gate import Gate
from installation import Failure, Installation, eventually, free_port, runs, send_signal
from peers import MESSAGE_BYTES, Channel, Sender, message_bytes

PATH = "faults/taken_over"
RATE = 200
ANSWER_DELAY_MS = 40  # of four connections: messages queue for them
LEASE_S = 11  # and a little more
STRANGER = "9980000001-1"  # a message for the engine that stands still


class Takeover:
    def __init__(self, build):
        self.first = Installation(build, "first")
        self.second = Installation(build, "second")
        self.ports = free_port(), free_port()
        self.channel = Channel(self.first, PATH, self.ports[0], "park_and_continue", "suppress",
                               "stop_reading", ANSWER_DELAY_MS)
        self.second_gate = Gate(self.channel.recorder.port)
        self.sender = self.stranger = None
        # The standby's copy of the channel: its own port to listen on, its own way to the receiver.
        folder = self.second.channels / PATH
        shutil.copytree(self.first.channels / PATH, folder)
        text = (folder / "channel.json").read_text()
        for old, new in ((self.ports[0], self.ports[1]),
                         (self.channel.before_receiver.port, self.second_gate.port)):
            text = text.replace(f'"port": {old}', f'"port": {new}')
        (folder / "channel.json").write_text(text)

    def close(self):
        try:
            if self.stranger:
                self.stranger.close()
            for each in (self.sender, self.channel, self.second_gate):
                if each:
                    each.stop()
        finally:
            self.second.remove()  # it works on the database of the first
            self.first.remove()

    def start(self):
        self.first.start()
        self.first.wait_ready(1)
        # Two engines of one installation have the same master key.
        self.second.data.mkdir()
        shutil.copytree(self.first.data / "keys", self.second.data / "keys")
        self.second.start("--database", self.first.conninfo("causeway"), "--standby")
        self.sender = Sender(self.first.build / "tools", self.channel.before_source.port, 1, 6,
                             RATE, self.first.folder / "sent")

    def stop_the_first(self):
        """While deliveries are on the way, and others wait for a connection."""
        time.sleep(2)
        if self.second.times_ready():
            raise Failure("the standby did not wait for the lease")
        engine = eventually(self.first.engine_pid, 10, "the first engine")
        if not send_signal(engine, signal.SIGSTOP):
            raise Failure("the first engine had ended")
        self.stranger = socket.create_connection(("127.0.0.1", self.ports[0]), timeout=10)
        self.stranger.sendall(b"\x0b" + message_bytes(self.first.build / "tools", STRANGER,
                                                      MESSAGE_BYTES) + b"\x1c\r")
        return engine

    def take_over(self):
        self.second.wait_ready(1)
        self.channel.before_source.target = self.ports[1]
        self.channel.before_source.cut()
        self.channel.answers = self.sender.finish()

    def wake(self, engine):
        """It ends, its successors are refused; neither sends, nor takes anything in."""
        sent_before = self.channel.before_receiver.bytes_in
        send_signal(engine, signal.SIGCONT)
        eventually(lambda: not runs(engine), 60, "the engine ends that has lost its lease")
        eventually(lambda: self.first.log_text().count("engine.not_started") >= 2, 60,
                   lambda: "the next engines are refused:\n" + self.first.log_text()[-2000:])
        sent = self.channel.before_receiver.bytes_in - sent_before
        if sent:
            raise Failure(f"it sent {sent} bytes after another had taken over")
        try:
            answer = self.stranger.recv(65536)
        except ConnectionError:
            answer = b""
        if b"MSA|AA" in answer or b"MSA|CA" in answer:
            raise Failure(f"it acknowledged a message after another had taken over: {answer}")

    def wait_drained(self):
        left = [""]

        def drained():
            left[0] = backlog(self.first, 0)
            return not left[0]
        eventually(drained, 120, lambda: f"no backlog: {left[0]}")

    def compare(self):
        self.wait_drained()
        stored = Stored(self.first, PATH, 0)
        comparison = Comparison(self.channel, stored, self.channel.recorder.new_arrivals(), 1)
        if problems := comparison.run():
            raise Failure("\n".join(problems))
        if not comparison.ambiguous:
            raise Failure("nothing was on the way when the first engine was stopped")
        print(f"{len(stored.messages)} messages, {comparison.ambiguous} parked as ambiguous")

    def give_back(self):
        """The standby ends cleanly: the first may go on at once."""
        if (code := self.second.stop()) != 0:
            raise Failure(f"the standby ended with {code}:\n{self.second.log_text()[-2000:]}")
        self.first.wait_ready(2)

    def stand_still_alone(self):
        """Nobody takes over: it goes on with what is queued, without a new message to wake it."""
        self.channel.before_source.target = self.ports[0]
        self.sender = Sender(self.first.build / "tools", self.channel.before_source.port, 2, 3,
                             RATE, self.first.folder / "sent-later")
        self.sender.finish()
        if not backlog(self.first, 0):
            raise Failure("nothing is queued when the engine is stopped")
        engine = self.first.engine_pid()
        send_signal(engine, signal.SIGSTOP)
        time.sleep(LEASE_S)
        send_signal(engine, signal.SIGCONT)
        self.wait_drained()
        if self.first.engine_pid() != engine:
            raise Failure("the engine ended, though nobody took its lease")

    def all(self):
        self.start()
        engine = self.stop_the_first()
        self.take_over()
        self.wake(engine)
        self.compare()
        self.give_back()
        self.stand_still_alone()


def main():
    test = Takeover(Path(sys.argv[1]))
    try:
        test.all()
    except Failure as failure:
        print(f"FAILED: {failure}")
        return 1
    finally:
        test.close()
    print("passed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
