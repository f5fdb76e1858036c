#!/usr/bin/env python3
"""The multiplexer: one connection, a resource for each local program (CLI-1, CLI-2). Arguments: SERVER MULTIPLEXER."""

import os
import re
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import xml.etree.ElementTree as ElementTree

from harness import CLIENT, DOMAIN, PATIENCE, STREAMS, Server, Stream, Tap, condition_of, text_of

SERVER, MULTIPLEXER = sys.argv[1:3]
JULIET = f"juliet@{DOMAIN}"
FULL = re.compile(re.escape(JULIET) + "/.+")


class Relay:
    """Stands between the multiplexer and the server: keeps what the multiplexer sent, can hold it up or hang up."""

    def __init__(self, port):
        self.port_of_server = port
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.sent = b""
        self.arrived = threading.Condition()
        self.flows = threading.Event()
        self.flows.set()
        self.pair = []
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        self.pair.append(self.listening.accept()[0])
        self.pair.append(socket.create_connection(("127.0.0.1", self.port_of_server), PATIENCE))
        back = threading.Thread(target=self.copy, args=(1, 0), daemon=True)
        back.start()
        self.copy(0, 1)
        back.join()

    def copy(self, source, target):
        try:
            while data := self.pair[source].recv(65536):
                if source == 0:
                    with self.arrived:
                        self.sent += data
                        self.arrived.notify_all()
                    self.flows.wait()
                self.pair[target].sendall(data)
            self.pair[target].shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def inject(self, text):
        """As if the server had said it; it says nothing else at the moment."""
        self.pair[0].sendall(text.encode())

    def wait_for(self, octets):
        with self.arrived:
            assert self.arrived.wait_for(lambda: octets in self.sent, PATIENCE), self.sent

    def hang_up(self):
        self.pair[0].shutdown(socket.SHUT_RDWR)

    def stanzas(self):
        """What the multiplexer has sent since it logged in, as elements."""
        parser = ElementTree.XMLPullParser(("end",))
        parser.feed(self.sent[self.sent.rindex(b"<?xml") :])
        return [
            element
            for _, element in parser.read_events()
            if element.tag in (CLIENT + "message", CLIENT + "presence", CLIENT + "iq")
        ]


class Multiplexer:
    """A multiplexer of juliet that has logged in, in a directory of its own."""

    def __init__(self, port, before=None):
        self.directory = tempfile.TemporaryDirectory()
        self.path = self.directory.name + "/socket"
        if before is not None:
            before(self.path)
        self.messages = tempfile.TemporaryFile("w+")
        self.process = subprocess.Popen(
            command(port, path=self.path), stdout=subprocess.PIPE, stderr=self.messages, text=True
        )
        line = self.process.stdout.readline()
        assert line == f"listening on {self.path}\n", (line, self.end())

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.returncode is None:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self.messages.close()
        self.directory.cleanup()

    def end(self, number=None):
        """Its exit status, after a signal or because it ends by itself; nothing of a sanitizer may be said."""
        if number is not None:
            self.process.send_signal(number)
        self.process.wait(PATIENCE)
        self.messages.seek(0)
        messages = self.messages.read()
        assert "runtime error" not in messages and "Sanitizer" not in messages, messages
        return self.process.returncode

    def sleeps(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] == "S"


def command(port, path="/nowhere", jid=JULIET, password="secret", host="127.0.0.1"):
    return [MULTIPLEXER, "--connect", f"{host}:{port}", "--jid", jid, "--password", password, "--socket", path]


class Program:
    """A local program: lines in, stanzas out."""

    def __init__(self, multiplexer, resource=None, presence=None):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE)
        self.socket.connect(multiplexer.path)
        self.lines = self.socket.makefile("rb")
        self.jid = None
        self.number = 0
        if resource is not None:
            self.send(resource + "\n")
            answer = self.line()
            assert answer.startswith("bound "), answer
            self.jid = answer[len("bound ") :]
        if presence is not None:
            self.send(presence)
            self.read_until(lambda stanza: stanza.get("from") == self.jid)

    def send(self, text):
        self.socket.sendall(text if isinstance(text, bytes) else text.encode())
        return self

    def line(self):
        """The next line; an empty text at the end."""
        try:
            return self.lines.readline().decode().rstrip("\n")
        except ConnectionResetError:
            return ""

    def read(self):
        """The next stanza."""
        line = self.line()
        assert line.startswith("<"), line
        return ElementTree.fromstring(line)

    def read_until(self, wanted):
        while not wanted(stanza := self.read()):
            pass
        return stanza

    def settle(self):
        """What came before the answer to a request of its own."""
        self.number += 1
        identifier = f"settle-{self.number}"
        self.send(f"<iq type='get' id='{identifier}' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>")
        before = []
        while (stanza := self.read()).get("id") != identifier:
            before.append(stanza)
        assert stanza.get("to") == self.jid and stanza.get("type") == "result", text_of(stanza)
        return before

    def rest(self):
        """What comes until the end."""
        lines = []
        while line := self.line():
            lines.append(line)
        return lines

    def close(self):
        self.lines.close()
        self.socket.close()


def bodies(stanzas):
    return [stanza.findtext(CLIENT + "body") for stanza in stanzas if stanza.tag == CLIENT + "message"]


def message(to, body):
    return f"<message to='{to}' type='chat'><body>{body}</body></message>"


def log_in(server, name, resource="street"):
    """A client of the usual kind, available."""
    stream = Stream(server.port).login(name)
    stream.bind(resource)
    stream.send("<presence/>").settle()
    return stream


# --- who a stanza is from (CLI-1) ---


def every_stanza_has_its_sender(number):
    with Server(SERVER, "--set", "missing-from=reject") as server:
        relay = Relay(server.port)
        romeo = log_in(server, "romeo")
        with Multiplexer(relay.port) as multiplexer:
            programs = [Program(multiplexer, f"room {i}", "<presence/>") for i in range(number)]
            for i, program in enumerate(programs):
                assert program.jid == f"{JULIET}/room {i}"
            for spelling in ("", f" from='{JULIET}/room 0'", f" from='{JULIET}'", " from=''", " from='x@y/z'"):
                for program in programs:
                    program.send(f"<message to='romeo@{DOMAIN}'{spelling}><body>{program.jid}</body></message>")
                    received = romeo.read_until(lambda element: element.tag == CLIENT + "message")
                    assert received.get("from") == received.findtext(CLIENT + "body") == program.jid, text_of(received)
            for program in programs:
                assert not bodies(program.settle())
            own = relay.stanzas()[0]
            assert own.get("from") is None  # it has no resource yet
            senders = [stanza.get("from") for stanza in relay.stanzas()[1:]]
            assert all(sender is not None and FULL.fullmatch(sender) for sender in senders), senders
            assert {program.jid for program in programs} < set(senders)
            assert multiplexer.end(signal.SIGTERM) == 0
            assert relay.sent.count(b"<unbind ") == number and relay.sent.endswith(b"</stream:stream>")
        romeo.drop()


def a_request_from_others_is_answered(server, multiplexer):
    """The answer has the sender of the program that was asked, though the program does not say it."""
    romeo = log_in(server, "romeo")
    first, second = Program(multiplexer, "first"), Program(multiplexer, "second")
    romeo.send(f"<iq type='get' id='what' to='{second.jid}'><query xmlns='example:what'/></iq>")
    request = second.read()
    assert request.get("id") == "what" and request.get("from") == f"romeo@{DOMAIN}/street", text_of(request)
    second.send(f"<iq type='result' id='what' to='{request.get('from')}'/>")
    answer = romeo.read_until(lambda element: element.get("id") == "what")
    assert (answer.get("type"), answer.get("from")) == ("result", second.jid), text_of(answer)
    assert not first.settle()


# --- whom a stanza is for (CLI-2) ---


def a_stanza_goes_by_its_recipient(server, multiplexer):
    romeo = log_in(server, "romeo")
    programs = [Program(multiplexer, name, "<presence/>") for name in ("a", "b", "balk\u00f6n")]
    for program in programs:
        romeo.send(message(program.jid, program.jid))
    romeo.send(message(f"JULIET@{DOMAIN.upper()}/b", "in capitals"))
    romeo.send(message(f"{JULIET}/balko\u0308n", "in two characters")).settle()
    assert bodies(programs[0].settle()) == [programs[0].jid]
    assert bodies(programs[1].settle()) == [programs[1].jid, "in capitals"]
    assert bodies(programs[2].settle()) == [programs[2].jid, "in two characters"]


def answers_go_to_who_asked(server, multiplexer):
    programs = [Program(multiplexer, name) for name in ("a", "b")]
    for program in programs:
        program.send("<iq type='get' id='same'><query xmlns='jabber:iq:roster'/></iq>")
    for program in programs:
        answer = program.read()
        assert (answer.get("type"), answer.get("id"), answer.get("to")) == ("result", "same", program.jid)
        assert not program.settle()


def each_gets_what_is_for_all(server, multiplexer):
    """To the bare JID: one copy comes (SESS-3); each program gets it that said by its presence that it wants it."""
    romeo = log_in(server, "romeo")
    first, second = (Program(multiplexer, name, "<presence/>") for name in ("first", "second"))
    silent = Program(multiplexer, "silent")
    negative = Program(multiplexer, "negative", "<presence><priority>-1</priority></presence>")
    gone = Program(multiplexer, "gone", "<presence/>").send("<presence type='unavailable'/>")
    gone.settle()
    for program in (first, second, negative):
        program.settle()
    romeo.send(message(JULIET, "for all")).send(f"<presence to='{JULIET}'/>").settle()
    for program in (first, second, negative):
        received = program.settle()
        assert bodies(received) == ([] if program is negative else ["for all"]), program.jid
        seen = [stanza.get("from") for stanza in received if stanza.tag == CLIENT + "presence"]
        assert seen == [f"romeo@{DOMAIN}/street"], seen
    assert not silent.settle() and not bodies(gone.settle())


def nobody_is_there():
    """The multiplexer's own resource wants nothing, and answers requests; so does nobody."""
    with Server(SERVER) as server:
        relay = Relay(server.port)
        romeo = log_in(server, "romeo")
        with Multiplexer(relay.port) as multiplexer:
            program = Program(multiplexer, "program")
            own = relay.stanzas()[1].get("from")
            assert own.startswith(f"{JULIET}/multiplexer-")
            romeo.send(f"<iq type='get' id='own' to='{own}'><query xmlns='a:b'/></iq>")
            answer = romeo.read_until(lambda element: element.get("id") == "own")
            assert (answer.get("type"), answer.get("from")) == ("error", own), text_of(answer)
            assert condition_of(answer) == "service-unavailable"
            romeo.send(message(JULIET, "is anybody there?"))
            answer = romeo.read_until(lambda element: element.tag == CLIENT + "message")
            assert condition_of(answer) == "service-unavailable"
            assert program.settle() == []
            assert multiplexer.end(signal.SIGTERM) == 0
        romeo.drop()


def other_servers():
    """What ours never sends: requests without 'to', which are for the oldest program, and prefixes of the header."""
    request = f"<iq type='get' id='%s' from='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>"
    with Server(SERVER) as server:
        relay = Relay(server.port)
        with Multiplexer(relay.port) as multiplexer:
            early = Program(multiplexer)  # is connected first, but not bound first
            oldest, other = Program(multiplexer, "oldest"), Program(multiplexer, "other")
            early.jid = early.send("early\n").line().removeprefix("bound ")
            relay.inject(request % "first")
            assert oldest.read().get("id") == "first"
            oldest.close()
            relay.wait_for(b"<resource>oldest</resource></unbind>")
            other.settle()
            relay.inject(request % "second")
            assert other.read().get("id") == "second"
            assert early.settle() == []
            relay.inject(f"<message to='{other.jid}'><stream:x stream:y='1'><z xmlns=''/></stream:x></message>")
            assert other.read().find(f"{STREAMS}x[@{STREAMS}y='1']/z") is not None
            relay.inject("<message to='@'/><other to=''/>")
            assert other.settle() == [] and early.settle() == []
            assert multiplexer.end(signal.SIGTERM) == 0


def a_message_comes_too_late():
    """To a program that has just left, of which the server does not know yet: as if to the bare JID (DLV-1)."""
    with Server(SERVER) as server:
        relay = Relay(server.port)
        romeo = log_in(server, "romeo")
        with Multiplexer(relay.port) as multiplexer:
            staying, leaving = Program(multiplexer, "staying", "<presence/>"), Program(multiplexer, "leaving")
            relay.flows.clear()
            leaving.close()
            relay.wait_for(b"<unbind")
            romeo.send(message(leaving.jid, "too late")).send(f"<presence to='{leaving.jid}'/>").settle()
            relay.flows.set()
            received = staying.settle()
            assert bodies(received) == ["too late"]
            assert not any(stanza.get("from").startswith("romeo") for stanza in received if "presence" in stanza.tag)
            assert multiplexer.end(signal.SIGTERM) == 0
        romeo.drop()


def several_lines(server, multiplexer):
    romeo = log_in(server, "romeo")
    program = Program(multiplexer, "lines", "<presence/>")
    program.send("\n  <message\n to='").send(f"romeo@{DOMAIN}'>\n<body>\n1 > 0\n\xe9</bo").send("dy></message>\r\n\n<pr")
    program.send("esence/> <message to='").send(f"romeo@{DOMAIN}'><body><![CDATA[<&>]]></body></message>")
    program.settle()
    received = [romeo.read_until(lambda element: element.tag == CLIENT + "message") for _ in range(2)]
    assert bodies(received) == ["\n1 > 0\n\xe9", "<&>"]
    body = "a\n\nb\r\nc"  # an XML parser makes one line end of the two characters
    romeo.send(f"<message to='{program.jid}'><body>{body}</body><x:y xmlns:x='a:b' x:z='\u00e9&#10;&quot;'/></message>")
    received = program.read()
    assert received.findtext(CLIENT + "body") == body.replace("\r\n", "\n")
    assert received.find("{a:b}y").get("{a:b}z") == '\u00e9\n"'


# --- resources come and go ---


def resources_come_and_go(server, multiplexer):
    observer = log_in(server, "juliet", "observer")
    for _ in range(3):  # also after the last one has left: the stream stays
        program = Program(multiplexer, "passing", "<presence/>")
        observer.read_until(lambda element: element.get("from") == program.jid and element.get("type") is None)
        program.close()
        observer.read_until(lambda element: element.get("from") == program.jid and element.get("type") == "unavailable")
    program = Program(multiplexer, "passing", "<presence/>")
    program.send(message(f"{JULIET}/observer", "last words"))
    program.socket.shutdown(socket.SHUT_WR)
    assert bodies([observer.read_until(lambda element: element.tag == CLIENT + "message")]) == ["last words"]
    observer.read_until(lambda element: element.get("from") == program.jid and element.get("type") == "unavailable")
    program.rest()
    program = Program(multiplexer, "passing", "<presence/>").send("</stream>")
    observer.read_until(lambda element: element.get("from") == program.jid and element.get("type") == "unavailable")
    assert not any(line.startswith("closed") for line in program.rest())


def resources_without_a_name(server, multiplexer):
    programs = [Program(multiplexer, "") for _ in range(2)]
    assert programs[0].jid != programs[1].jid and all(FULL.fullmatch(program.jid) for program in programs)
    early = Program(multiplexer).send(f"early\r\n<iq type='get' id='1' to='{DOMAIN}'><ping xmlns='urn:xmpp:ping'/></iq>")
    assert early.line() == f"bound {JULIET}/early"
    assert early.read().get("id") == "1"


def names_that_are_refused(server, multiplexer):
    for name in (b"bell\x07", b"\xff\xfe", b"a\0b", b"x" * 1024, b"x" * 5000, "\u2028".encode()):
        program = Program(multiplexer).send(name + b"\n")
        assert program.line() == "refused bad-request", name
        assert program.rest() == []
    assert Program(multiplexer, "x" * 1023).jid == f"{JULIET}/{'x' * 1023}"
    marks = Program(multiplexer, "<&'\">")
    assert marks.jid == JULIET + "/<&'\">"
    assert marks.settle() == []


def conflicts_are_refused():
    with Server(SERVER, "--set", "conflict=reject") as server, Multiplexer(server.port) as multiplexer:
        elsewhere = log_in(server, "juliet", "elsewhere")
        for name in ("elsewhere", "here"):
            holder = Program(multiplexer, "here") if name == "here" else None
            program = Program(multiplexer).send(f"{name}\n<presence/>")
            assert program.line() == "refused conflict"
            assert program.rest() == []
        assert holder.settle() == []
        elsewhere.close()
        assert multiplexer.end(signal.SIGTERM) == 0


def resources_are_taken_by_others(server, multiplexer):
    witness = Program(multiplexer, "witness", "<presence/>")
    seen = Program(multiplexer, "seen", "<presence/>")
    unseen = Program(multiplexer, "unseen")
    unseen.settle()
    others = [log_in(server, "juliet", "unseen"), Stream(server.port).login("juliet")]
    unseen.send(message(f"romeo@{DOMAIN}", "not from me any more"))
    assert unseen.rest()[-1] == "closed conflict"
    others[1].bind("seen")  # its neighbours are told that it is gone, and so is it
    assert seen.rest()[-1] == "closed conflict"
    witness.settle()
    for other in others:
        other.settle()


def losses_cannot_be_forged(server, multiplexer):
    romeo = log_in(server, "romeo")
    first, second = (Program(multiplexer, name, "<presence/>") for name in ("first", "second"))
    error = "<error type='modify'><unknown-sender xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"
    romeo.send(f"<message type='error' to='{first.jid}'>{error}</message>").settle()
    first.read_until(lambda stanza: stanza.get("type") == "error")
    first.send("<presence type='unavailable'/><presence/>")  # others hear that it has gone, but it is there again
    second.read_until(lambda stanza: stanza.get("type") == "unavailable")
    second.read_until(lambda stanza: stanza.get("from") == first.jid)
    assert [stanza.get("id") for stanza in first.settle() if stanza.tag == CLIENT + "iq"] == []
    second.settle()
    first.settle()


def programs_may_not_bind(server, multiplexer):
    victim, program = Program(multiplexer, "victim"), Program(multiplexer, "program")
    for child in (
        "<unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>victim</resource></unbind>",
        "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>more</resource></bind>",
    ):
        program.send(f"<iq type='set' id='it&apos;s'>{child}</iq>")
        answer = program.read()
        assert (answer.get("id"), answer.get("type"), answer.get("to")) == ("it's", "error", program.jid)
        assert condition_of(answer) == "not-allowed"
    assert victim.settle() == [] and program.settle() == []


# --- what goes wrong ---


GARBAGE = {
    "no XML": ("garbage\n", "not-well-formed"),
    "text between two stanzas": ("<presence/>x", "not-well-formed"),
    "CDATA between two stanzas": ("<presence/><![CDATA[>]]>", "bad-format"),
    "tags that do not match": ("<message></iq>", "not-well-formed"),
    "a tag that nothing opened": ("</message>", "not-well-formed"),
    "an entity": ("<message>&amp;&entity;</message>", "not-well-formed"),
    "a DTD": ("<!DOCTYPE message []><message/>", "not-well-formed"),
    "a comment": ("<message><!-- --></message>", "restricted-xml"),
    "a processing instruction": ("<message><?a b?></message>", "restricted-xml"),
    "a prefix that is not declared": ("<message><x:y/></message>", "bad-namespace-prefix"),
    "no UTF-8": (b"<message><body>\xc3</body></message>", "not-well-formed"),
    "a surrogate": (b"<message><body>\xed\xa0\x80</body></message>", "not-well-formed"),
    "a letter spelt too long": (b"<message><body><![CDATA[\xc1\xa4]]></body></message>", "not-well-formed"),
    "a NUL": ("<message><body>\0</body></message>", "not-well-formed"),
    "too deep": ("<message>" + 99 * "<a>", "policy-violation"),
    "too long": ("<message><body>" + 262144 * "x", "policy-violation"),
    "too long without an end of a tag": ("<" + 262144 * "x", "policy-violation"),
    "too long in pieces": ("<message>" + 65536 * "<a/>", "policy-violation"),
    "a tag full of its own end": ("<message a='" + 20000 * ">", "policy-violation"),
    "no stanza": ("<query xmlns='jabber:iq:roster'/>", "unsupported-stanza-type"),
    "a stanza of servers": ("<message xmlns='jabber:server'/>", "unsupported-stanza-type"),
    "a stanza of nobody": ("<message xmlns=''/>", "unsupported-stanza-type"),
    "an error of the stream": (f"<error xmlns='{STREAMS[1:-1]}'/>", "unsupported-stanza-type"),
}


def garbage_ends_the_program(multiplexer, neighbour, text, reason):
    program = Program(multiplexer, "garbage")
    try:
        program.send(text)
    except (BrokenPipeError, ConnectionResetError):
        pass  # it need not be read to its end
    assert program.rest()[-1:] == [f"closed {reason}"]
    assert neighbour.settle() == []


def what_is_just_allowed(server, multiplexer):
    romeo = log_in(server, "romeo")
    program = Program(multiplexer, "program")
    deep = 97 * "<a>" + 97 * "</a>"
    program.send(f"<message to='romeo@{DOMAIN}/street'><x>{deep}</x></message>")
    program.send(message(f"romeo@{DOMAIN}/street", 200000 * "x"))
    program.send(" \n" * 300000)  # no limit for the octets between two stanzas
    assert program.settle() == []
    assert romeo.read_until(lambda element: element.tag == CLIENT + "message").find(CLIENT + "x") is not None
    assert len(bodies([romeo.read()])[0]) == 200000


def a_program_does_not_read(server, multiplexer):
    observer, romeo = log_in(server, "juliet", "observer"), log_in(server, "romeo")
    neighbour = Program(multiplexer, "neighbour")
    deaf = Program(multiplexer, "deaf", "<presence/>")
    for _ in range(400):
        romeo.send(f"<message type='headline' to='{deaf.jid}'><body>{10000 * 'x'}</body></message>")
        neighbour.settle()  # is served meanwhile
    observer.read_until(lambda element: element.get("from") == deaf.jid and element.get("type") == "unavailable")
    assert not any(line.startswith("closed") for line in deaf.rest())
    assert Program(multiplexer, "deaf").jid == deaf.jid


def a_server_does_not_read():
    """Then nothing more is read from the programs; when it goes on, nothing is missing."""
    count, stanza = 3000, message(f"romeo@{DOMAIN}/street", 10000 * "x" + "%d")
    with Server(SERVER) as server:
        relay = Relay(server.port)
        romeo = log_in(server, "romeo")
        with Multiplexer(relay.port) as multiplexer:
            program = Program(multiplexer, "loud")
            program.settle()
            relay.flows.clear()
            text = "".join(stanza % number for number in range(count)).encode()
            program.socket.setblocking(False)
            sent, held_up = 0, False
            while sent < len(text) and not held_up:
                if select.select([], [program.socket], [], 0.1)[1]:
                    sent += program.socket.send(text[sent : sent + 65536])
                else:
                    held_up = multiplexer.sleeps()
            assert held_up and sent < len(text) // 2, sent
            relay.flows.set()
            program.socket.settimeout(PATIENCE)
            sender = threading.Thread(target=program.send, args=(text[sent:],))
            sender.start()
            for number in range(count):
                received = romeo.read_until(lambda element: element.tag == CLIENT + "message")
                assert bodies([received])[0].endswith(f"x{number}"), number
            sender.join()
            assert program.settle() == []
            assert multiplexer.end(signal.SIGTERM) == 0
        romeo.drop()


# --- the end ---


def ends_on_a_signal(number):
    with Server(SERVER) as server:
        observer = log_in(server, "juliet", "observer")
        with Multiplexer(server.port) as multiplexer:
            programs = [Program(multiplexer, name, "<presence/>") for name in ("a", "b")]
            nameless = Program(multiplexer)
            programs[0].settle()
            assert os.stat(multiplexer.path).st_mode & 0o777 == 0o600
            assert multiplexer.end(number) == 0
            for program in (*programs, nameless):
                assert program.rest()[-1] == "closed shutdown"
            gone = set()
            while gone != {program.jid for program in programs}:
                gone.add(observer.read_until(lambda element: element.get("type") == "unavailable").get("from"))
            assert not os.path.exists(multiplexer.path)
        observer.drop()


def the_server_ends():
    with Server(SERVER) as server, Multiplexer(server.port) as multiplexer:
        programs = [Program(multiplexer, name, "<presence/>") for name in ("a", "b")]
        server.stop()
        assert multiplexer.end() == 1
        for program in programs:
            assert program.rest()[-1] == "closed system-shutdown"


def the_connection_is_lost():
    with Server(SERVER) as server:
        relay = Relay(server.port)
        with Multiplexer(relay.port) as multiplexer:
            programs = [Program(multiplexer, name) for name in ("a", "b")]
            relay.hang_up()
            assert multiplexer.end() == 1
            for program in programs:
                assert program.rest() == ["closed disconnected"]
            assert not os.path.exists(multiplexer.path)


# --- logging in ---


def does_not_start(arguments, status, word, environment=None):
    process = subprocess.run(
        arguments, capture_output=True, text=True, timeout=PATIENCE, env={**os.environ, **(environment or {})}
    )
    assert process.returncode == status and word in process.stderr, process
    assert process.stdout == ""


def login_is_refused(server):
    with tempfile.TemporaryDirectory() as directory:
        path = directory + "/socket"
        does_not_start(command(server.port, path, password="wrong"), 1, "not-authorized")
        does_not_start(command(server.port, path, jid="juliet@elsewhere.example"), 1, "host-unknown")
        does_not_start(command(server.port, path, host="192.0.2.1"), 1, "not of this machine")
        does_not_start(command(server.port, directory + "/nowhere/socket"), 1, "/nowhere/socket")
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]
        does_not_start(command(port, path), 1, "no server")
        assert not os.path.exists(path)


def unbind_is_not_offered():
    with Server(SERVER, "--set", "unbind=off") as server:
        does_not_start(command(server.port), 1, "<unbind/>")


def wrong_command_lines():
    good = command(1)
    for bad in (good[:1], good[:-1], good + ["--more", "x"], good + ["--log", "loud"], good + ["--jid", DOMAIN]):
        does_not_start(bad, 2, "usage")
    does_not_start(good + ["--jid", JULIET + "/resource"], 2, "usage")
    does_not_start(good + ["--socket", "/" + 200 * "x"], 2, "usage")


def the_password_is_in_the_environment(server):
    with tempfile.TemporaryDirectory() as directory:
        arguments = command(server.port, directory + "/socket")
        del arguments[5:7]
        process = subprocess.Popen(
            arguments, stdout=subprocess.PIPE, text=True, env={**os.environ, "MULTIPLEXER_PASSWORD": "secret"}
        )
        assert process.stdout.readline().startswith("listening on ")
        process.terminate()
        assert process.wait(PATIENCE) == 0


def a_socket_was_left_over(server):
    def leave(path):
        with socket.socket(socket.AF_UNIX) as listening:
            listening.bind(path)

    with Multiplexer(server.port, leave) as multiplexer:
        Program(multiplexer, "x").settle()
        does_not_start(command(server.port, multiplexer.path), 1, "address already in use")
        Program(multiplexer, "y").settle()
        assert multiplexer.end(signal.SIGTERM) == 0


def a_server_that_knows_no_password():
    """Whoever answers in place of the server: SCRAM makes it prove that it knows the password."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        process = subprocess.Popen(command(listening.getsockname()[1]), stderr=subprocess.PIPE, text=True)
        connection = listening.accept()[0]
        with connection, connection.makefile("rwb") as stream:
            stream.write(
                b"<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
                b"<stream:features><mechanisms xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>"
                b"<mechanism>SCRAM-SHA-256</mechanism><mechanism>PLAIN</mechanism></mechanisms></stream:features>"
            )
            stream.flush()
            received = b""
            while b"</auth>" not in received:
                received += connection.recv(4096)
            assert b"mechanism='SCRAM-SHA-256'" in received and b"secret" not in received
            stream.write(b"<success xmlns='urn:ietf:params:xml:ns:xmpp-sasl'/>")
            stream.flush()
            messages = process.communicate(timeout=PATIENCE)[1]
        assert process.returncode == 1 and "did not prove" in messages, messages


def main():
    tap = Tap()
    tap.case("CLI-1: two programs, each stanza has its sender", every_stanza_has_its_sender, 2)
    tap.case("CLI-1: three programs, each stanza has its sender", every_stanza_has_its_sender, 3)
    shared = {
        "CLI-1: a program answers a request": a_request_from_others_is_answered,
        "CLI-2: a stanza goes by its 'to', in any spelling": a_stanza_goes_by_its_recipient,
        "CLI-2: answers go to the program that asked": answers_go_to_who_asked,
        "CLI-2: to the bare JID: a copy for each that is available": each_gets_what_is_for_all,
        "stanzas on several lines, and lines of one stanza each": several_lines,
        "a resource goes with its program": resources_come_and_go,
        "generated resources, and stanzas before the answer": resources_without_a_name,
        "names that are refused": names_that_are_refused,
        "a resource that another client took": resources_are_taken_by_others,
        "nobody else can make it look as if a resource was taken": losses_cannot_be_forged,
        "programs cannot bind or unbind": programs_may_not_bind,
        "what is just allowed": what_is_just_allowed,
        "a program that does not read": a_program_does_not_read,
    }
    with Server(SERVER) as server:
        for name, function in shared.items():
            tap.case(name, with_multiplexer, server, function)
        with Multiplexer(server.port) as multiplexer:
            neighbour = Program(multiplexer, "neighbour")
            for name, (text, reason) in GARBAGE.items():
                tap.case(f"garbage: {name}", garbage_ends_the_program, multiplexer, neighbour, text, reason)
            tap.equal("all that garbage did no harm", multiplexer.end(signal.SIGTERM), 0)
        tap.case("a login that is refused", login_is_refused, server)
        tap.case("a password from the environment", the_password_is_in_the_environment, server)
        tap.case("a socket that was left over", a_socket_was_left_over, server)
    tap.case("the resource is held elsewhere: refused", conflicts_are_refused)
    tap.case("a server that does not read", a_server_does_not_read)
    tap.case("a message to a program that has just left", a_message_comes_too_late)
    tap.case("what other servers send", other_servers)
    tap.case("nobody is there", nobody_is_there)
    tap.case("SIGTERM", ends_on_a_signal, signal.SIGTERM)
    tap.case("SIGINT", ends_on_a_signal, signal.SIGINT)
    tap.case("the server ends", the_server_ends)
    tap.case("the connection is lost", the_connection_is_lost)
    tap.case("a server without unbind", unbind_is_not_offered)
    tap.case("a server that does not know the password", a_server_that_knows_no_password)
    tap.case("wrong command lines", wrong_command_lines)
    tap.end()


def with_multiplexer(server, function):
    """One multiplexer for one case: it ends well after it."""
    with Multiplexer(server.port) as multiplexer:
        function(server, multiplexer)
        assert multiplexer.end(signal.SIGTERM) == 0


if __name__ == "__main__":
    main()
