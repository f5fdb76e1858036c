"""The transcripts of the console, played through the server's sockets.

    python3 tests/server/cases_test.py SERVER [AREA/NAME]...

One list of cases, tests/transcripts/, two runners: run.sh plays them through the console, this one through connections. An
account that a transcript opens has an account on the server, `open S JID` is a connection with a login, `S: XML` is sent on it
as it stands, `close S` is the end of the connection. What the console prints is what the client is to receive, element by
element, in order; nothing else comes. How each line of the console is seen through a connection:

  S features XML   the features after the login, but for those that are of the server itself (session, ver). Features that are
                   asked for later (the command `features`) no client sees; these lines are not compared.
  S send XML       the element, as a namespace-aware parser sees it: attributes in no order, text exact.
  S route XML      To an account elsewhere: that account is a guest of the server, with a connection of its own, one resource or
                   those that the transcript names; it receives the stanza as it was stamped. An IQ to its bare JID or a message
                   to it of type groupchat is answered by the server in its place: service-unavailable.
                   To a full JID here: the stanza arrives there. In a transcript without the session layer (`im on`), which the server always has:
                   presence comes back to the resources of the account that are available (PRES-1, PRES-2), and is taken back
                   when they end (PRES-3); an IQ without a type is a bad-request, an empty 'to' jid-malformed; a roster is
                   empty (ROST-1). What is left is the server's: it stores no messages and knows no such IQ, service-unavailable.
  S discard REASON nothing arrives. `not-a-stanza` leaves the element with the server, which closes the stream with
                   unsupported-stanza-type; the connection is made anew, with what it had bound, and the case goes on.
  S close [COND]   the stream error, the end of the stream, the end of the connection.
  S opened, S closed, S gone, session, sessions: a connection does not show them, but for what comes of them.

After each line its stream is asked to unbind a resource that it does not have, which is answered at any time (UNBIND-2, UNBIND-5):
what came before the answer came of the line. Cases of one stream are played once more, all lines sent at once (BIND-15); then what
the library answers comes in order, and what the server answers itself does, but one may overtake the other.

Left out, by area (all of BIND, UNBIND, FROM, CONF, FEAT is played): input/ and jid/: what the console itself refuses (exit status 2), and
what no XML stream may carry (comments and processing instructions, RFC 6120 11.1).
"""

import socket
import struct
import sys
import traceback
import xml.etree.ElementTree as ElementTree

import fcntl
import os
import pathlib
import select
import tempfile
import termios

import harness
from harness import CLIENT, Server, Stream, Tap
from transcript import STANZAS, SUBSCRIPTION, Expectation, Transcript, bare, bound_jid, canonical, parse, prepared, transcripts

AREAS = ("feat", "bind", "unbind", "from", "conf", "flow", "jid", "input", "sess", "pres", "rost", "sub", "priv", "dlv", "storage")
SERVERS_OWN = ("{urn:ietf:params:xml:ns:xmpp-session}", "{urn:xmpp:features:rosterver}")
MARK = "{urn:example:guest}c"
LIMITS = ("stanza-bytes=16777216", "depth=2000")  # as wide as the console's


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
        return tuple(canonical(feature) for feature in self.stream.features if not feature.tag.startswith(SERVERS_OWN))

    def send(self, text):
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
        return element.find(MARK) is not None or (element.get("type") == "unavailable" and self._value(element) not in self.wanted)

    def _take(self, element):
        if self._is_of_a_guest(element):
            return
        if bound_jid(element) is not None:
            self.resources.append(bound_jid(element).partition("/")[2])
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
        self.send(f"<iq type='set' id='{identifier}'><unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>no such</resource></unbind></iq>")
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
        while not self.over and not self.stream.ended and select.select([self.stream.socket], [], [], 0)[0]:
            self.stream._receive()
            while self.stream.waiting:
                self._take(self.stream.waiting.pop(0))
            if self.stream.closed:
                break
        if self.stream.ended or self.stream.closed:
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

    def received(self):
        return [item if isinstance(item, tuple) else self._value(item) for item in self.items]


class Control:
    """Tells the storage of controlled-server what to do; see there."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(harness.PATIENCE)
        self.socket.connect(path)

    def command(self, text):
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
    return item[0] == CLIENT + "presence" and dict(item[1]).get("type") in SUBSCRIPTION


class Player:
    """Plays a transcript on a server that runs."""

    def __init__(self, transcript, expectation, port, control=None):
        self.control = control
        self.at_once = False
        self.transcript = transcript
        self.expectation = expectation
        self.port = port
        self.streams = {}
        self.times = {}  # name: all its connections
        self.guests = {jid: Guest(port, jid, resources, transcript.guests, control) for jid, resources in transcript.guests.items()}
        self.broken_off = set()
        self.differences = []

    def play(self, at_once=False):
        self.at_once = at_once
        together = {}
        for command in self.transcript.commands:
            if command[0] == "open":
                self.open(command[1], command[2])
            elif command[0] == "stanza" and at_once:
                together.setdefault(command[1], []).append(command[2])
            elif command[0] == "stanza":
                self.stanza(command[1], command[2])
            elif command[0] == "close":
                self.close(command[1])
            elif command[0] == "deliver":
                self.deliver(parse(command[1]))
            elif command[0] in ("storage", "answer", "time"):
                self.control.command(" ".join(command))
        for name, stanzas in together.items():
            self.streams[name].send("".join(stanzas))
        self.compare()
        for connection in (*self.guests.values(), *(connection for times in self.times.values() for connection in times)):
            connection.finish()
        return self.differences

    def open(self, name, jid):
        times = self.times.setdefault(name, [])
        wanted = self.expectation.streams[name][len(times)]
        connection = Connection(self.port, jid, wanted, self.transcript.guests, self.control)
        self.streams[name] = connection
        times.append(connection)
        expected = self.expectation.features[name][len(times) - 1]
        self.differ(f"{name}, features", [connection.features()], [expected or connection.features()])

    def stanza(self, name, text):
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
        if self.transcript.can_be_sent(stanza):
            self.guests[bare(stanza.get("from"))].deliver(stanza)

    def close(self, name):
        connection = self.streams[name]
        if not connection.over:
            self.broken_off.add(connection)
            connection.finish()
            if connection.items and connection.items[-1] == ("close", ""):
                connection.items.pop()  # the server's end answers the client's

    def compare(self):
        for name, times in self.times.items():
            expected = self.expectation.streams[name]
            for index, connection in enumerate(times):
                self.compare_one(f"{name}, time {index + 1}", connection, expected[index])
        for jid, guest in self.guests.items():
            self.compare_guest(jid, guest, self.expectation.guests[jid])

    def compare_guest(self, jid, guest, expected):
        """Of what is about subscriptions a guest sees only what changes them at its end (RFC 6121 A.3)."""
        guest.wait_for(sum(not is_subscription(item) for item in expected))
        left = list(guest.received())
        seen = []
        for item in expected:
            if left and left[0] == item:
                seen.append(left.pop(0))
            elif not is_subscription(item):
                seen.append(item)
        self.differ(jid, guest.received(), seen + left if left == [] else seen)

    def compare_one(self, name, connection, expected):
        if connection in self.broken_off:
            received = connection.received()
            self.differ(name, received, expected[: len(received)])
            return
        connection.wait_for(len(expected))
        received = connection.received()
        if self.at_once:
            received, expected = self.sorted(received), self.sorted(expected)
        self.differ(name, received, expected)

    def sorted(self, items):
        """First the library's answers, then the server's own: when all lines are there at once only these two have an order."""
        return sorted(items, key=lambda item: item in self.expectation.of_the_server)

    def differ(self, name, received, expected):
        if received != expected:
            at = next((index for index, pair in enumerate(zip(received, expected)) if pair[0] != pair[1]), min(len(received), len(expected)))
            self.differences.append(f"{name}: {len(received)} received, {len(expected)} expected; number {at + 1}:")
            self.differences.append(f"is:       {received[at] if at < len(received) else 'nothing'}"[:2000])
            self.differences.append(f"expected: {expected[at] if at < len(expected) else 'nothing'}"[:2000])


def left_out(base):
    """Why a transcript is not for a server; None when it is."""
    text = Transcript._text(base, ".in")
    if base.with_name(base.name + ".status").exists():
        return "the console refuses it"
    if base.parent.name == "input" and ("<!--" in text or "<?" in text):
        return "no XML stream carries it"
    return None


def start(program, transcript, wrapper=()):
    arguments = [word for option in transcript.options for word in ("--set", option)]
    arguments += [word for limit in LIMITS for word in ("--limit", limit)]
    domains = transcript.domains()
    for domain in domains[1:]:
        arguments += ["--domain", domain]
    for jid in (*transcript.accounts, *transcript.guests):
        arguments += ["--account", f"{jid}:secret"]
    return Server(program, *arguments, accounts=(), domain=domains[0], wrapper=wrapper)


def play(program, transcript):
    with start(program, transcript) as server:
        return Player(transcript, Expectation(transcript), server.port).play()


def play_at_once(program, transcript):
    with start(program, transcript) as server:
        return Player(transcript, Expectation(transcript), server.port).play(at_once=True)


def play_controlled(program, transcript):
    """With storage and time as the transcript has them."""
    program = pathlib.Path(program).parent.parent / "tests/server/controlled-server"
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        rosters = ["CONTROLLED_ROSTERS=1"] if transcript.im else []
        with start(program, transcript, ("env", f"CONTROLLED_SOCKET={path}", *rosters)) as server:
            return Player(transcript, Expectation(transcript), server.port, Control(path)).play()


def is_for_once(transcript):
    """Whether all its lines can be sent at once: to one stream, with nothing that others do between them."""
    stanzas = [parse(command[2]) for command in transcript.commands if command[0] == "stanza"]
    opened = sum(command[0] == "open" for command in transcript.commands)
    others = transcript.uses("close", "deliver", "storage", "answer", "time")
    return opened == 1 and not others and all(stanza is None or stanza.tag in STANZAS for stanza in stanzas)


def run(tap, name, player, *arguments):
    try:
        differences = player(*arguments)
    except Exception:  # pylint: disable=broad-except
        differences = [traceback.format_exc()]
    tap.result(not differences, name, *differences)


def main():
    tap = Tap()
    sys.setrecursionlimit(20000)
    wanted = sys.argv[2:]
    reasons = []
    for base in transcripts(AREAS):
        name = f"{base.parent.name}/{base.name}"
        if wanted and not any(name == word or name.startswith(word + "/") for word in wanted):
            continue
        reason = left_out(base)
        if reason is None:
            transcript = Transcript(base)
            controlled = transcript.uses("storage", "answer", "time")
            run(tap, name, play_controlled if controlled else play, sys.argv[1], transcript)
            if is_for_once(transcript):
                run(tap, f"{name}, all at once", play_at_once, sys.argv[1], transcript)
        else:
            reasons.append(f"{name}: {reason}")
    print(f"# left out: {len(reasons)}")
    for reason in reasons:
        print(f"#   {reason}")
    tap.end()


if __name__ == "__main__":
    main()
