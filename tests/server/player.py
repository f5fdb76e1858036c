"""Plays a transcript: connections to a server, as clients, as guests, and to what makes its storage obey."""

import fcntl
import os
import select
import socket
import struct
import termios
import xml.etree.ElementTree as ElementTree

import harness
from harness import BIND, CLIENT, Stream
from transcript import STANZAS, SUBSCRIPTION, bare, canonical, parse, prepared

SERVERS_OWN = ("{urn:ietf:params:xml:ns:xmpp-session}", "{urn:xmpp:features:rosterver}")
MARK = "{urn:example:guest}c"
PROBE = "<iq type='set' id='{}'><unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>no such</resource></unbind></iq>"


class Connection:
    """A client of the transcript: what it has received so far, as Expectation has it."""

    def __init__(self, port, jid, wanted=(), guests=(), control=None):
        self.control = control
        self.wanted = wanted
        self.guests = guests
        local, _, domain = jid.partition("@")
        self.jid = jid
        self.stream = Stream(port, domain).login(local)
        self.items = []
        self.resources = []
        self.over = False
        self.probes = 0

    def features(self):
        """What is offered, but for what is the server's own."""
        return tuple(canonical(feature) for feature in self.stream.features if not feature.tag.startswith(SERVERS_OWN))

    def send(self, text):
        """As it is."""
        try:
            self.stream.send(text)
        except OSError:
            pass  # it is over, as what arrives will show

    def _value(self, element):
        return canonical(element, prepared(self.jid), self.guests)

    def _is_of_a_guest(self, element):
        """What a guest's server says of the guest's presence: to the console they are elsewhere, and say nothing."""
        if element.tag != CLIENT + "presence" or bare(element.get("from", "")) not in self.guests:
            return False
        is_gone = element.get("type") == "unavailable" and self._value(element) not in self.wanted
        return is_gone or element.find(MARK) is not None

    def _take(self, element):
        if self._is_of_a_guest(element):
            return
        bound = element.findtext(f"{BIND}bind/{BIND}jid")
        if bound is not None:
            self.resources.append(bound.partition("/")[2])
        self.items.append(element)

    def _read(self):
        try:
            return self.stream.read()
        except ConnectionResetError:
            self.stream.closed = True
        except TimeoutError:
            self.items.append(("nothing more", "in time"))
            self.over = True
        return None

    def settle(self):
        """Everything that was sent has been dealt with: what came of it is in items."""
        if self.control is not None:
            self._wait_for_arrival()
            self.control.command("settle")
            self.look()
            return
        if self.over:
            return
        self.probes += 1
        identifier = f"probe-{self.probes}"
        self.send(PROBE.format(identifier))
        element = self._read()
        while element is not None and element.get("id") != identifier:
            self._take(element)
            element = self._read()
        if element is None:
            self.finish()

    def _wait_for_arrival(self):
        """What was sent is in the server's socket: its system has acknowledged it."""
        left = 1
        while left > 0 and not self.over:
            left = struct.unpack("i", fcntl.ioctl(self.stream.socket, termios.TIOCOUTQ, bytes(4)))[0]
            os.sched_yield()

    def look(self):
        """What has come, without waiting."""
        while not self.over and (self.stream.waiting or select.select([self.stream.socket], [], [], 0)[0]):
            element = self._read()
            if element is None:
                self.finish()
            else:
                self._take(element)
        if self.stream.ended:
            self.finish()

    def wait_for(self, count):
        """Until so many have come, then whether more come."""
        while self.control is None and not self.over and len(self.items) < count:
            element = self._read()
            if element is None:
                self.finish()
            else:
                self._take(element)
        self.settle()

    def finish(self):
        """The server is at the end, or the client is: what is left, and the end itself."""
        if self.over:
            return
        self.over = True
        self.send("</stream:stream>" if self.stream.ended else "")
        try:
            self.stream.socket.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        for element in self.stream.read_to_end():
            self._take(element)
        if self.stream.ended:
            condition = ""
            if self.items and self.items[-1].tag == harness.STREAMS + "error":
                condition = harness.condition_of(self.items.pop())
            self.items.append(("close", condition))
        self.stream.socket.close()

    def drop(self):
        """Without a word."""
        self.over = True
        self.stream.drop()

    def received(self):
        """All of it, as values."""
        return [item if isinstance(item, tuple) else self._value(item) for item in self.items]


class Control:
    """Tells the storage of controlled-server what to do; see there."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(harness.PATIENCE)
        self.socket.connect(path)

    def command(self, text):
        """Carried out, and the server has read what clients sent before, when this returns."""
        self.socket.sendall(f"{text}\n".encode())
        answer = self.socket.recv(16)
        if answer != b"done\n":
            raise RuntimeError(f"{text}: {answer!r}")


class Guest(Connection):
    """An account elsewhere, as far as the transcript is concerned."""

    def __init__(self, port, jid, resources, guests, control=None):
        super().__init__(port, jid, guests=guests, control=control)
        self.full = f"{jid}/guest"
        for resource in ("guest", *resources):
            if self.stream.bind(resource) is None:
                raise RuntimeError(f"{jid} cannot bind {resource}")
        self.send(f"<presence from='{self.full}'><c xmlns='urn:example:guest'/></presence>")
        self.settle()
        self.items = []

    def deliver(self, stanza):
        """What comes from elsewhere."""
        if "/" not in stanza.get("from"):
            stanza.set("from", self.full)
        self.send(ElementTree.tostring(stanza, encoding="unicode"))
        self.settle()


def is_subscription(item):
    """Whether a value is presence about a subscription."""
    return item[0] == CLIENT + "presence" and dict(item[1]).get("type") in SUBSCRIPTION


def heard(expected, received):
    """What is expected, without what is about subscriptions and did not come."""
    left = list(received)
    result = []
    for item in expected:
        comes = left[:1] == [item]
        if comes:
            left.pop(0)
        if comes or not is_subscription(item):
            result.append(item)
    return result


class Player:
    """Plays a transcript on a server that runs."""

    def __init__(self, transcript, expectation, port, control=None, at_once=False):
        self.control = control
        self.at_once = at_once  # what is sent on a stream
        self.transcript = transcript
        self.expectation = expectation
        self.port = port
        self.streams = {}
        self.times = {}  # name: all its connections
        self.guests = {jid: Guest(port, jid, names, transcript.guests, control) for jid, names in transcript.guests.items()}
        self.broken_off = set()
        self.differences = []

    def play(self):
        """What is other than it should be."""
        together = {}
        try:
            for command in self.transcript.commands:
                if self.at_once and command[0] == "stanza":
                    together[command[1]] = together.get(command[1], "") + command[2]
                else:
                    self._command(*command)
            for name, stanzas in together.items():
                self.streams[name].send(stanzas)
            self.compare()
        finally:
            for connection in (*self.guests.values(), *sum(self.times.values(), [])):
                connection.drop()
        return self.differences

    def _command(self, verb, *rest):
        if verb == "open":
            self.open(*rest)
        elif verb == "stanza":
            self.stanza(*rest)
        elif verb == "close":
            self.close(*rest)
        elif verb == "deliver":
            self.deliver(parse(*rest))
        elif verb in ("storage", "answer", "time"):
            self.control.command(" ".join((verb, *rest)))

    def open(self, name, jid):
        """A connection; what it offers is compared, unless it is one that is made anew."""
        times = self.times.setdefault(name, [])
        wanted = self.expectation.streams[name][len(times)]
        connection = Connection(self.port, jid, wanted, self.transcript.guests, self.control)
        self.streams[name] = connection
        times.append(connection)
        expected = self.expectation.features[name][len(times) - 1]
        self.differ(f"{name}, features", [connection.features()], [expected or connection.features()])

    def stanza(self, name, text):
        """Sent as it stands. What is no stanza ends the stream; it is opened anew, with what it had bound."""
        connection = self.streams[name]
        if connection.over:
            return
        connection.send(text)
        stanza = parse(text)
        if stanza is None or stanza.tag in STANZAS:
            connection.settle()
            return
        connection.wait_for(len(connection.items) + 1)
        self.open(name, connection.jid)
        for resource in connection.resources:
            self.streams[name].stream.bind(resource)

    def deliver(self, stanza):
        """From elsewhere: by a guest."""
        if self.transcript.can_be_sent(stanza):
            self.guests[bare(stanza.get("from"))].deliver(stanza)

    def close(self, name):
        """The client is gone: it ends its side, and what the server still had to say is read."""
        connection = self.streams[name]
        if not connection.over:
            self.broken_off.add(connection)
            connection.finish()
            if connection.items and connection.items[-1] == ("close", ""):
                connection.items.pop()  # the server's end answers the client's

    def compare(self):
        """Everything that came with everything that is expected."""
        for name, times in self.times.items():
            for index, connection in enumerate(times):
                self.compare_one(f"{name}, time {index + 1}", connection, self.expectation.streams[name][index])
        for jid, guest in self.guests.items():
            self.compare_guest(jid, guest, self.expectation.guests[jid])

    def compare_one(self, name, connection, expected):
        connection.wait_for(len(expected))
        received = connection.received()
        if connection in self.broken_off and self.control is not None:
            expected = expected[: len(received)]  # of what waited for storage the client may not hear any more
        self.differ(name, self.ordered(received), self.ordered(expected))

    def ordered(self, items):
        """At once: first the library's answers, then the server's own; each has its order, the two together have none."""
        return sorted(items, key=lambda item: self.at_once and item in self.expectation.of_the_server)

    def compare_guest(self, jid, guest, expected):
        """Of what is about subscriptions a guest who takes part in them sees only what changes them (RFC 6121 A.3)."""
        guest.wait_for(sum(not is_subscription(item) for item in expected))
        received = guest.received()
        if jid in self.expectation.speaking:
            expected = heard(expected, received)
        self.differ(jid, received, expected)

    def differ(self, name, received, expected):
        """Remembers where they begin to differ."""
        if received == expected:
            return
        at = 0
        while at < min(len(received), len(expected)) and received[at] == expected[at]:
            at += 1
        self.differences.append(f"{name}: {len(received)} received, {len(expected)} expected; number {at + 1}:")
        for title, items in (("is:      ", received), ("expected:", expected)):
            self.differences.append(f"{title} {items[at] if at < len(items) else 'nothing'}"[:2000])
