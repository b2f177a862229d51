"""The network between two peers, which can be cut: connections to `port` go on to another port."""
import asyncio
import threading

UPSTREAM_AWAY_S = 0.05  # a sender that finds nobody is not let spin
BUFFERED_MAX = 1 << 20


class Half(asyncio.Protocol):
    """One of the two ends of a connection through the gate."""

    def __init__(self, gate, other=None):
        self.gate, self.other, self.transport, self.waiting = gate, other, None, []
        self.torn = False  # nothing may follow the half that was let through

    def connection_made(self, transport):
        self.transport = transport
        if self.gate.frozen:
            transport.pause_reading()
        transport.set_write_buffer_limits(high=BUFFERED_MAX)
        if self.other is None:
            self.gate.pairs.add(self)
            task = self.gate.loop.create_task(self.connect())
            self.gate.connecting.add(task)
            task.add_done_callback(self.gate.connecting.discard)
        elif self.other.transport.is_closing():
            transport.abort()
        else:
            self.other.other = self
            for data in self.other.waiting:
                transport.write(data)

    async def connect(self):
        await self.gate.thawed.wait()
        try:
            await self.gate.loop.create_connection(lambda: Half(self.gate, self), "127.0.0.1",
                                                   self.gate.target)
        except OSError:
            await asyncio.sleep(UPSTREAM_AWAY_S)
            self.transport.abort()

    def data_received(self, data):
        if self in self.gate.pairs:
            self.gate.bytes_in += len(data)
        if self.torn:
            return
        if self.gate.tear:
            self.gate.tear, self.torn = False, True
            data = data[:len(data) // 2]
            self.gate.loop.call_later(0.001, self.gate.abort_all)
        if self.other is None:
            self.waiting.append(data)
        else:
            self.other.transport.write(data)

    def pause_writing(self):
        if self.other:
            self.other.transport.pause_reading()

    def resume_writing(self):
        if self.other and not self.gate.frozen:
            self.other.transport.resume_reading()

    def connection_lost(self, error):
        self.gate.pairs.discard(self)
        if self.other and self.other.transport:
            self.other.transport.close() if error is None else self.other.transport.abort()


class Gate:
    """`bytes_in`: how much has come from those who connected. Thread-safe from outside."""

    def __init__(self, target):
        self.target = target
        self.pairs = set()
        self.connecting = set()
        self.tear = self.frozen = False
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.bytes_in = 0
        self.loop = asyncio.new_event_loop()
        self.server = self.loop.run_until_complete(
            self.loop.create_server(lambda: Half(self), "127.0.0.1", 0))
        self.port = self.server.sockets[0].getsockname()[1]
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def abort_all(self):
        for half in list(self.pairs):
            half.transport.abort()

    def cut(self):
        """Resets every connection."""
        self.loop.call_soon_threadsafe(self.abort_all)

    def cut_in_message(self):
        """Lets half of the next piece through, and then cuts."""
        def tear():
            self.tear = True
        self.loop.call_soon_threadsafe(tear)

    def freeze(self):
        """From now on nothing goes through, and nobody is told: no end, no reset."""
        def stop_reading():
            self.frozen = True
            self.thawed.clear()
            for half in self.both_ends():
                half.transport.pause_reading()
        self.loop.call_soon_threadsafe(stop_reading)

    def thaw(self):
        """What waits goes on."""
        def read_on():
            self.frozen = False
            self.thawed.set()
            for half in self.both_ends():
                if not half.transport.is_closing():
                    half.transport.resume_reading()
        self.loop.call_soon_threadsafe(read_on)

    def both_ends(self):
        return [half for near in self.pairs for half in (near, near.other) if half]

    async def shut(self):
        self.server.close()
        self.abort_all()
        await asyncio.gather(*self.connecting, return_exceptions=True)
        self.abort_all()

    def stop(self):
        asyncio.run_coroutine_threadsafe(self.shut(), self.loop).result(10)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(10)
        self.loop.close()
