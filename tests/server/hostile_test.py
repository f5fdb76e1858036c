#!/usr/bin/env python3
"""Clients that mean harm, or are broken: hostile_test.py SERVER [WORD], with a word only the cases that are named so.

After each of them, and where it takes a while also meanwhile, two good clients exchange messages.
"""

import glob
import os
import random
import select
import socket
import ssl
import struct
import sys

import dialogue
from dialogue import END, HEADER
from harness import BIND, CLIENT, DOMAIN, Server, Stream, Tap, certificate, condition_of, text_of

# What the sanitizer holds back of freed memory would be taken for growth.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"

CORPUS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "corpus", "receive_bytes", "*")
MEGABYTE = 1024 * 1024
BOUND = 80 * MEGABYTE  # more than all limits together, also with sanitizers, and much less than what is sent
BALCONY = dialogue.request("bind", "balcony", "bind")
JULIET = f"juliet@{DOMAIN}"
ENOUGH = 150 * MEGABYTE  # sent to somebody who does not read
LARGE = "a" * 60000
TREE = "<a/>" * 1500
BODY = f"<message to='{JULIET}/balcony' id='m'><body>%s</body></message>"


class Good:
    """Two clients that are served: each writes to the other and is answered."""

    def __init__(self, server):
        self.server = server
        self.clients = [Stream(server.port).login(name) for name in ("romeo", "nurse")]
        self.jids = [client.bind("good") for client in self.clients]
        self.number = 0

    def served(self):
        for client, there in zip(self.clients, reversed(self.jids)):
            self.number += 1
            client.send(f"<message to='{there}' id='good-{self.number}'><body>Good morrow</body></message>")
            other = self.clients[1 - self.clients.index(client)]
            came = other.read()
            assert came is not None and came.get("id") == f"good-{self.number}", text_of(came)

    def close(self):
        for client in self.clients:
            client.close()


def error_of(port, text, streams=1):
    """The stream error with which the server ends a stream that begins so, behind so many headers."""
    came = dialogue.play(port, text)
    assert len(came) == streams, [document.tags() for document in came]
    last = came[-1]
    assert last.ended and last.elements, f"{last.tags()}, ended: {last.ended}"
    return condition_of(last.elements[-1])


def refused(server, good, text, *conditions, streams=1):
    """It is one of the conditions, and the others are served."""
    condition = error_of(server.port, text, streams)
    assert condition in conditions, f"{condition}, not {' or '.join(conditions)}, for {text[-200:]!r}"
    good.served()


# --- what is no XMPP, or not all of XML's is --------------------------------------------------------------------------


def garbage(server, good):
    """Instead of a stream."""
    noise = random.Random(193)
    for length in (10, 1000, 100000):  # a parser waits for the first four octets
        octets = bytes(noise.randrange(256) for _ in range(length))
        refused(server, good, b"\x80" + octets, "not-well-formed", "unsupported-encoding")
        refused(server, good, b"\x01" + octets, "not-well-formed", "unsupported-encoding")
    for text in (
        b"GET / HTTP/1.1\r\nHost: capulet.example\r\n\r\n",
        b"SSH-2.0-client\r\n",
        b"\0" * 100,
        b"\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03" + bytes(range(189)),
        b"</stream:stream>",
        b"<> \n",
        b"<<<<<<<<<>",
        b"&amp;",
        b"<a b=c>",
        b"<stream:stream>",
        HEADER.encode()[:-1] + b" version='1.0'>",
        HEADER.replace("to='", "to='\0").encode(),
        HEADER.encode().replace(b"to='", b"to='\xff"),
        HEADER.encode().replace(b"to='", b"to='\xc0\xaf"),
        HEADER.encode().replace(b"to='", b"to='\xed\xa0\x80"),
    ):
        refused(server, good, text, "not-well-formed", "bad-namespace-prefix", "unsupported-encoding")


def other_encodings(server, good):
    """RFC 6120 11.6: only UTF-8. Who says that it is something else is told so, or served all the same."""
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp037"):
        refused(server, good, HEADER.encode(encoding), "not-well-formed", "unsupported-encoding")
    for encoding in ("utf-16", "iso-8859-1", "us-ascii", "ebcdic-cp-us", "no-such-thing", "utf-7"):
        header = HEADER.replace("version='1.0'?", f"version='1.0' encoding='{encoding}'?")
        came = dialogue.play(server.port, header + dialogue.auth("juliet") + header + BALCONY + BODY % "é" + END)
        if came[0].tags() == ["features", "success"]:
            assert came[1].elements[2].findtext(f"{CLIENT}body") == "é", text_of(came[1].elements[2])
        else:
            assert condition_of(came[0].elements[0]) in ("unsupported-encoding", "not-well-formed"), came[0].tags()
        good.served()


def byte_order_mark(server, good):
    """Taken or refused, but one of both: the features or an error come, and the end."""
    (came,) = dialogue.play(server.port, b"\xef\xbb\xbf" + (HEADER + END).encode())
    assert came.ended and came.tags() in (["features"], ["error"]), came.tags()
    good.served()


def restricted(server, good):
    """RFC 6120 11.1, before the stream and in it. An entity that would grow to gigabytes does not."""
    bomb = "<!DOCTYPE a [<!ENTITY b0 'lol'>"
    bomb += "".join(f"<!ENTITY b{i} '{f'&b{i - 1};' * 10}'>" for i in range(1, 12)) + "]>"
    before = server.memory()
    for text in (
        "<!DOCTYPE a>" + HEADER,
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" + HEADER,
        "<!DOCTYPE a SYSTEM 'http://127.0.0.1:1/a.dtd'>" + HEADER,
        bomb + HEADER.replace("to='", "to='&b11;"),
        "<!-- -->" + HEADER,
        "<?a b?>" + HEADER,
    ):
        refused(server, good, text.replace("<?xml version='1.0'?>", ""), "restricted-xml")
        refused(server, good, "<?xml version='1.0'?>" + text.replace("<?xml version='1.0'?>", ""), "restricted-xml")
    for text in ("<!-- -->", "<?a b?>"):
        refused(server, good, HEADER + text, "restricted-xml")
        refused(server, good, dialogue.login("juliet") + text, "restricted-xml", streams=2)
        refused(server, good, dialogue.login("juliet") + BALCONY + BODY % text, "restricted-xml", streams=2)
    for text in (bomb, "<!DOCTYPE a>", "<?xml version='1.0'?>"):
        refused(server, good, dialogue.login("juliet") + text, "restricted-xml", "not-well-formed", streams=2)
    text = dialogue.login("juliet") + BALCONY + BODY % "&b11;"
    refused(server, good, text, "restricted-xml", "not-well-formed", streams=2)
    assert server.memory() < before + BOUND


def malformed_behind_the_login(server, good):
    for text in (
        "<message",
        "<message></iq>",
        "<message><body></message></body>",
        "</message>",
        "<x:message/>",
        "<message x:y=''/>",
        "<message><x:y/></message>",
        "<message to='a' to='b'/>",
        "<message xmlns:x='n' xmlns:y='n' x:a='' y:a=''/>",
        "<message xmlns:x=''/>",
        "<message to=a/>",
        "<message to='<'/>",
        "<message>&#0;</message>",
        "<message>&#x1F;</message>",
        "<message>&#xFFFE;</message>",
        "<message>&#xD800;</message>",
        "<message>]]></message>",
        "<1/>",
        b"<message>\0</message>",
        b"<message>\x1b</message>",
        b"<message>\xff</message>",
        b"<message>\xc3</message>",
        b"<message>\xed\xa0\x80</message>",
        b"<message>\xf4\x90\x80\x80</message>",
        b"<m\xffessage/>",
        b"<message a='\xe0\x80\xaf'/>",
    ):
        octets = (dialogue.login("juliet") + BALCONY).encode() + dialogue.octets_of(text) + b"<message/>" + END.encode()
        refused(server, good, octets, "not-well-formed", "bad-namespace-prefix", "unsupported-encoding", streams=2)


def not_a_stanza(server, good):
    for text in ("<a/>", "<message xmlns='urn:x'/>", "<stream:stream/>", "<stream:features/>", dialogue.auth("juliet")):
        refused(server, good, dialogue.login("juliet") + BALCONY + text, "unsupported-stanza-type", streams=2)


def before_login(server, good):
    for text in (
        "<message/>",
        f"<presence to='romeo@{DOMAIN}'/>",
        BALCONY,
        BODY % "",
        "<iq type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>",
    ):
        refused(server, good, HEADER + text, "not-authorized")
    refused(server, good, dialogue.login("juliet") + BODY % "", "not-authorized", streams=2)  # BIND-13


# --- limits -----------------------------------------------------------------------------------------------------------


def endless(server, good):
    """It never comes to an end: the limit ends it, and memory does not grow with it."""
    before = server.memory()
    login = dialogue.login("juliet")
    for start, more in (
        ("<message><body>", "a"),
        ("<message><body>", "a<b/>"),
        ("<message><body>", "&amp;"),
        ("<message to='", "a"),
        ("<message ", " "),
        ("<message", "a"),
        ("<message xmlns:a", "a"),
        ("<message><body><![CDATA[", "]"),
    ):
        text = start + more * (4 * MEGABYTE // len(more))
        refused(server, good, login + BALCONY + text, "policy-violation", streams=2)
        refused(server, good, HEADER + text, "policy-violation", "not-authorized")
    for start, more in (("<?xml version='1.0'", " "), ("<", "a"), (HEADER[:-1], " "), (HEADER[:-1] + " a='", "b")):
        refused(server, good, start + more * (4 * MEGABYTE), "policy-violation", "not-well-formed")
    assert server.memory() < before + BOUND, f"{before} octets, then {server.memory()}"


def too_deep(server, good):
    """The limit is 100 elements inside each other."""
    login = dialogue.login("juliet") + BALCONY
    came = dialogue.play(server.port, login + BODY % ("<a>" * 90 + "</a>" * 90) + END)
    assert came[-1].tags() == ["features", "iq", "message"], came[-1].tags()
    for depth in (101, 1000, 80000):
        refused(server, good, login + BODY % ("<a>" * depth), "policy-violation", streams=2)


def too_large(server, good):
    """The limit is 262,144 octets for a stanza; below it, it comes back."""
    login = dialogue.login("juliet") + BALCONY
    came = dialogue.play(server.port, login + BODY % ("a" * 260000) + END)
    assert came[-1].tags() == ["features", "iq", "message"], came[-1].tags()
    refused(server, good, login + BODY % ("a" * 262144), "policy-violation", streams=2)


def many_attributes(server, good):
    """As many as fit: taken or refused, in a time in which the others do not give up."""
    login = dialogue.login("juliet") + BALCONY
    for attribute in (" a{}=''", " xmlns:a{}='{}'", " xmlns:a{0}='{0}' a{0}:a='{0}'"):
        attributes = "".join(attribute.format(i, i) for i in range(240000 // len(attribute.format(9999, 9999))))
        came = dialogue.play(server.port, login + f"<message to='{JULIET}/balcony'{attributes}/>" + END)
        assert came[-1].tags() in (["features", "iq", "message"], ["features", "iq", "error"]), came[-1].tags()
        good.served()


def as_much_as_is_allowed(server, good):
    """No limit is in the way of what the library allows: a privacy list of 1,000 rules (70,000 octets)."""
    juliet = Stream(server.port).login("juliet")
    juliet.bind("balcony")
    rule = "<item type='jid' value='a{0}@b.example' action='deny' order='{0}'/>"
    rules = "".join(rule.format(i) for i in range(1, 1001))
    juliet.send(f"<iq type='set' id='1'><query xmlns='jabber:iq:privacy'><list name='l'>{rules}</list></query></iq>")
    answer = juliet.read()
    assert answer.get("type") == "result", text_of(answer)
    juliet.close()
    good.served()


def behind_the_end(server, good):
    """What comes behind a stream error is not taken: a header, a login, a stanza."""
    for text in ("<!-- -->", "<message/>", "</message>"):
        came = dialogue.play(server.port, HEADER + text + HEADER + dialogue.login("juliet") + BALCONY + BODY % "")
        assert len(came) == 1 and came[0].tags() == ["features", "error"] and came[0].ended, came[0].tags()
        good.served()


def failed_logins(server, good):
    """After five the stream is over."""
    wrong = dialogue.auth("juliet", "wrong") * 4 + "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='NONE'/>"
    (came,) = dialogue.play(server.port, HEADER + wrong + dialogue.auth("juliet") + HEADER + BALCONY)
    assert came.tags() == ["features"] + ["failure"] * 5 + ["error"] and came.ended, came.tags()
    assert condition_of(came.elements[-1]) == "policy-violation"
    good.served()


def failed_binds(server, good):
    """BIND-16"""
    wrong = dialogue.request("bind", "", "1") * 10
    refused(server, good, dialogue.login("juliet") + wrong, "policy-violation", streams=2)


def many_binds(server, good):
    """The limits hold, each request is answered in its order, and none of them leaves anything."""
    count = 100000
    juliet = Stream(server.port).login("juliet")
    before = server.memory()
    text = "".join(dialogue.request("bind", f"r{i}", str(i)) for i in range(count))
    sender = dialogue.send_beside(juliet.socket, text)
    for i in range(count):
        answer = juliet.read()
        assert answer is not None and answer.get("id") == str(i), text_of(answer)
        if i < 10:
            assert answer.findtext(f"{BIND}bind/{BIND}jid") == f"{JULIET}/r{i}", text_of(answer)
        else:
            assert condition_of(answer) == "resource-constraint", text_of(answer)
        if i % 10000 == 0:
            good.served()
    sender.join()
    assert server.memory() < before + BOUND
    juliet.close()


def connections(program):
    """The sixth is refused, and taken when another one is gone; those that are there do not notice."""
    with Server(program, "--limit", "connections=5") as server:
        good = Good(server)
        others = [Stream(server.port) for _ in range(3)]
        for other in others:
            other.open()
        for _ in range(20):
            (came,) = dialogue.play(server.port, HEADER)
            assert came.ended and condition_of(came.elements[-1]) == "resource-constraint", came.tags()
            good.served()
        others[0].close()
        for _ in range(1000):  # the server may hear of the new one before it hears that the old one is gone
            others[0] = Stream(server.port)
            if others[0].open().tag.endswith("features"):
                break
            others[0].drop()
        assert others[0].login("juliet").bind("balcony") == f"{JULIET}/balcony"
        for other in others:
            other.close()
        good.close()


# --- those who are slow, or go without a word -------------------------------------------------------------------------


def truncated(server, good):
    """A dialogue of which only a part comes, for each length: nobody waits for the rest, and nothing is left behind."""
    text = (dialogue.login("juliet") + BALCONY + BODY % "é").encode()
    for length in range(len(text)):
        with dialogue.connect(server.port) as connection:
            connection.sendall(text[:length])
            connection.shutdown(socket.SHUT_WR)
            dialogue.read_to_end(connection)
    good.served()


def reset(server, good):
    """The connection is torn down, for some lengths, with what the server wrote unread: the sessions end too."""
    text = (dialogue.login("juliet") + BALCONY + "<presence/>" + BODY % "é" * 10).encode()
    watcher = Stream(server.port).login("juliet")
    watcher.bind("watcher")
    watcher.send("<presence/>")
    watcher.read()
    for length in range(0, len(text), 11):
        connection = dialogue.connect(server.port)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.sendall(text[:length])
        connection.close()
    good.served()
    victim = Stream(server.port).login("juliet")
    victim.bind("victim")
    victim.send("<presence/>")
    watcher.read_until(lambda element: element.get("from") == f"{JULIET}/victim")
    victim.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    victim.drop()
    gone = watcher.read_until(lambda element: element.get("from") == f"{JULIET}/victim")
    assert gone is not None and gone.get("type") == "unavailable", text_of(gone)
    watcher.close()
    good.served()


def flood(server, good, content, enough):
    """Juliet reads nothing; her nurse sends her what she can, until enough(sent, answers): both, and the growth."""
    juliet = Stream(server.port).login("juliet")
    juliet.bind("balcony")
    sender = Stream(server.port).login("nurse")
    sender.bind("flood")
    sender.socket.setblocking(False)
    message = (BODY % content).encode()
    before = most = server.memory()
    sent, rest, answers = 0, b"", b""
    while not enough(sent, answers) and most < before + 2 * BOUND:
        _, writable, _ = select.select([], [sender.socket], [], 0)
        rest = rest or message
        if writable:
            done = sender.socket.send(rest)
            sent += done
            rest = rest[done:]
        else:
            good.served()
        if select.select([sender.socket], [], [], 0)[0]:
            answers = answers[-1000:] + sender.socket.recv(65536)
        most = max(most, server.memory())
    return juliet, sender, most - before


def slow_reader(program):
    """Closed when nothing has been read for a while: her session is gone then, and who writes to her is told."""
    with Server(program, "--limit", "stall-seconds=1") as server:
        good = Good(server)
        juliet, sender, grown = flood(server, good, LARGE, lambda sent, answers: b"<error" in answers)
        assert grown < BOUND, f"{grown} octets more"
        sender.drop()
        dialogue.read_to_end(juliet.socket)  # it ends
        juliet.drop()
        good.served()
        good.close()


def slow_reader_with_patience(program, content):
    """Long before she is given up, what waits for her is limited, whatever else becomes of it."""
    with Server(program, "--limit", "stall-seconds=600") as server:
        good = Good(server)
        rounds = good.number
        juliet, sender, grown = flood(
            server, good, content, lambda sent, answers: sent > ENOUGH or good.number > rounds + 500
        )
        assert grown < BOUND, f"{grown} octets more"
        sender.drop()
        juliet.drop()
        good.served()
        good.close()


def slow_reader_at_the_end(program):
    """The end of the server waits for a client that does not read, but not long."""
    with Server(program, "--limit", "stall-seconds=2", "--limit", "close-seconds=1") as server:
        juliet = Stream(server.port).login("juliet")
        juliet.bind("balcony")
        juliet.socket.setblocking(False)
        while select.select([], [juliet.socket], [], 0.1)[1]:  # to herself, until nothing moves any more
            juliet.socket.send((BODY % LARGE).encode())
        assert server.stop() == 0
        juliet.drop()


def slow_writer(program):
    """Who is not authenticated in time is told so: silent, with a header that never ends, or behind the features."""
    with Server(program, "--limit", "login-seconds=2") as server:
        good = Good(server)
        silent = dialogue.connect(server.port)
        idle = Stream(server.port)
        idle.open()
        with dialogue.connect(server.port) as slow:
            slow.sendall(HEADER[:-1].encode())
            while not select.select([slow], [], [], 0.05)[0]:  # the pace of the client
                slow.sendall(b" ")
            (came,) = dialogue.documents(dialogue.read_to_end(slow))
            assert came.ended and condition_of(came.elements[-1]) == "connection-timeout", came.tags()
        received = b""
        while END.encode() not in received:
            received += silent.recv(65536)
        dialogue.send_all(silent, dialogue.login("juliet") + BALCONY)  # too late
        (came,) = dialogue.documents(received + dialogue.read_to_end(silent))
        assert came.ended and condition_of(came.elements[-1]) == "connection-timeout", came.tags()
        assert condition_of(idle.read()) == "connection-timeout"
        good.served()
        silent.close()
        idle.drop()
        good.close()


def never_closes(program):
    """The stream is over, and the client neither says so nor closes: the server does not wait for long."""
    with Server(program, "--limit", "close-seconds=1") as server:
        good = Good(server)
        last_one = dialogue.request("unbind", "balcony", "2")
        for text, last in ((last_one, "iq"), ("</message>", "error"), ("<a/>", "error"), ("<!-- -->", "error")):
            came = dialogue.play(server.port, dialogue.login("juliet") + BALCONY + text)
            assert came[-1].ended and came[-1].tags()[-1] == last, came[-1].tags()
            good.served()
        good.close()
        stubborn = Stream(server.port).login("juliet")
        stubborn.bind("balcony")
        assert server.stop() == 0
        assert condition_of(stubborn.read()) == "system-shutdown"
        stubborn.drop()


def never_answers(server, good):
    """A client that takes no notice of what it is asked: roster pushes are sent, and not answered."""
    juliet = Stream(server.port).login("juliet")
    juliet.bind("balcony")
    juliet.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
    juliet.read()
    before = server.memory()
    pushes = 0
    for i in range(2000):
        juliet.send(
            f"<iq type='set' id='{i}'><query xmlns='jabber:iq:roster'><item jid='a@{DOMAIN}' name='{i}'/></query></iq>"
        )
        if i % 100 == 99:
            pushes += sum(element.get("type") == "set" for element in juliet.settle())
            good.served()
    assert pushes == 2000, pushes
    assert server.memory() < before + BOUND
    juliet.close()


# --- TLS --------------------------------------------------------------------------------------------------------------


def encrypted(program):
    """What was written in the clear behind the request for TLS is not taken for encrypted; noise is no handshake."""
    start = "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"
    limit = ("--limit", "login-seconds=2")
    with certificate() as (file, key), Server(program, *limit, "--cert", file, "--key", key) as server:
        injected = Stream(server.port)
        features = injected.open()
        assert features.find("{urn:ietf:params:xml:ns:xmpp-sasl}mechanisms") is None, text_of(features)
        injected.send(start + dialogue.login("juliet") + BALCONY)
        try:
            answer = injected.read()
            if answer is not None and answer.tag.endswith("proceed"):
                injected.socket = tls(injected.socket)
                injected.restart()
                assert injected.open().find("{urn:ietf:params:xml:ns:xmpp-sasl}mechanisms") is not None
                assert injected.close() == []
        except (ssl.SSLError, ConnectionError):
            pass  # what was injected has spoiled the handshake: good as well
        begun = b"\x16\x03\x01\x02\x00\x01"  # a handshake that does not go on
        for noise in (b"\0" * 1000, HEADER.encode(), b"\x16\x03\x01\xff\xff" + b"\xff" * 70000, b"", begun):
            with dialogue.connect(server.port) as connection:
                connection.sendall((HEADER + start).encode())
                received = b""
                while b"proceed" not in received:
                    received += connection.recv(4096)
                dialogue.send_all(connection, noise)
                dialogue.read_to_end(connection)  # it ends
        good = Stream(server.port)
        good.open()
        good.start_tls()
        assert good.login("juliet").bind("balcony") == f"{JULIET}/balcony"
        good.close()


def tls(connection):
    """A client's TLS, without a look at the certificate."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(connection)


# --- the inputs of the fuzzer -----------------------------------------------------------------------------------------


def inputs():
    """What it reads behind the four octets that choose options: as a whole, by its lines, and both a little damaged."""
    damage = random.Random(193)
    names = sorted(glob.glob(CORPUS))
    assert names
    for name in names:
        with open(name, "rb") as file:
            text = file.read()[4:]
        yield text
        for line in text.splitlines():
            yield line
            for _ in range(3):
                at = damage.randrange(len(line) + 1)
                yield line[:at] + bytes([damage.randrange(256)]) + line[at + damage.randrange(2) :]


def corpus(server, good):
    """Behind a login and behind a bind: what comes is well-formed, and the others are served."""
    for text in inputs():
        for prefix in (dialogue.login("juliet"), dialogue.login("juliet") + BALCONY):
            came = dialogue.play(server.port, prefix.encode() + text + END.encode())
            assert len(came) >= 2 and came[1].tags()[0] == "features", text
        good.served()


def with_good_ones(program, case):
    """The case with a server of its own, and the good clients; the sanitizers have the last word."""
    with Server(program) as server:
        good = Good(server)
        case(server, good)
        good.close()
        assert server.stop() == 0


def main():
    program = sys.argv[1]
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    tap = Tap()
    for name, case in (
        ("garbage", garbage),
        ("other encodings", other_encodings),
        ("a byte order mark", byte_order_mark),
        ("comments, processing instructions, document types and entities", restricted),
        ("what is not well-formed, behind the login", malformed_behind_the_login),
        ("what is no stanza", not_a_stanza),
        ("stanzas before the login, or before a resource is bound", before_login),
        ("what never comes to an end", endless),
        ("elements inside each other", too_deep),
        ("a stanza that is too large", too_large),
        ("many attributes and namespaces", many_attributes),
        ("a large privacy list", as_much_as_is_allowed),
        ("what comes behind the end", behind_the_end),
        ("many failed logins", failed_logins),
        ("many failed binds", failed_binds),
        ("a hundred thousand binds on one stream", many_binds),
        ("dialogues that break off", truncated),
        ("connections that are reset", reset),
        ("a client that answers nothing", never_answers),
        ("the corpus of the fuzzer, as it is and damaged", corpus),
    ):
        if wanted in name:
            tap.case(name, with_good_ones, program, case)
    for name, case in (
        ("more connections than are allowed", connections),
        ("a client that does not read is closed", slow_reader),
        ("a client that does not read does not fill the memory", lambda it: slow_reader_with_patience(it, LARGE)),
        ("nor with what is larger as a tree", lambda it: slow_reader_with_patience(it, TREE)),
        ("the end waits no longer for a client that does not read", slow_reader_at_the_end),
        ("a client that takes its time to log in", slow_writer),
        ("a client that never closes", never_closes),
        ("what is written in the clear before TLS, and noise instead of it", encrypted),
    ):
        if wanted in name:
            tap.case(name, case, program)
    tap.end()


main()
