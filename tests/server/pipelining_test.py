#!/usr/bin/env python3
"""Requests that do not wait for answers, in one piece and in many: pipelining_test.py SERVER (BIND-15)"""

import re
import sys
import time
import xml.etree.ElementTree as ElementTree

import dialogue
from harness import BIND, CLIENT, DOMAIN, PATIENCE, Server, Stream, Tap, condition_of, text_of

COUNT = 1000
SECONDS = 10
LAST = f"<body>{COUNT - 1}</body></message>".encode()
JULIET = f"juliet@{DOMAIN}"
ROMEO = f"romeo@{DOMAIN}/orchard"
MANY = ("--set", f"max-resources-per-stream={COUNT + 1}", "--set", f"max-resources-per-account={COUNT + 1}")
# Characters of two, three and four octets, a reference, CDATA and both quotes: there are many places to cut it.
SHORT = (
    dialogue.login("juliet")
    + dialogue.request("bind", "bälcony", "1")
    + f"<message to='{JULIET}/bälcony' id=\"2\"><body>é €&amp;&#x20AC; 𝄞<![CDATA[<]]></body></message> "
    + dialogue.END
)


def message(identifier, sender, receiver):
    """A message whose body is its id."""
    return f"<message id='{identifier}' from='{sender}' to='{receiver}'><body>{identifier}</body></message>"


def orchard(server):
    """Romeo, to whom messages go."""
    romeo = Stream(server.port).login("romeo")
    romeo.bind("orchard")
    return romeo


def stanzas(server, text, name="juliet"):
    """Login and the text in one write: the elements that come behind the login, up to the end of the stream."""
    before, behind = dialogue.play(server.port, dialogue.login(name) + text)
    assert before.tags() == ["features", "success"], before.tags()
    assert behind.tags()[0] == "features" and behind.ended, behind.tags()
    return behind.elements[1:]


def picture(streams):
    """What has to be the same whenever the same is said: everything but the ids of the streams."""
    for stream in streams:
        del stream.header.attrib["id"]
    return [
        (stream.header.attrib, [ElementTree.tostring(element) for element in stream.elements], stream.ended)
        for stream in streams
    ]


def one_write(server):
    bound, came = stanzas(server, SHORT.removeprefix(dialogue.login("juliet")))
    assert bound.findtext(f"{BIND}bind/{BIND}jid") == f"{JULIET}/bälcony", text_of(bound)
    assert came.get("id") == "2" and came.findtext(f"{CLIENT}body") == "é €&€ 𝄞<", text_of(came)


def every_boundary(server):
    """The server has read the first piece when it has answered another client that asked after it was sent."""
    octets = SHORT.encode()
    other = Stream(server.port).login("nurse")
    other.bind("chamber")
    whole = picture(dialogue.play(server.port, octets))
    for cut in range(1, len(octets)):
        parts = picture(dialogue.play(server.port, octets[:cut], octets[cut:], between=other.settle))
        assert parts == whole, f"cut behind octet {cut}, {octets[max(0, cut - 20):cut]!r}: {parts}, not {whole}"
    other.close()


def octet_by_octet(server):
    octets = SHORT.encode()
    other = Stream(server.port).login("nurse")
    other.bind("chamber")
    whole = picture(dialogue.play(server.port, octets))
    single = [octets[i : i + 1] for i in range(len(octets))]
    assert picture(dialogue.play(server.port, *single, between=other.settle)) == whole
    other.close()


def many_binds_messages_unbinds(server):
    romeo = orchard(server)
    text = "".join(dialogue.request("bind", f"r{i}", f"bind-{i}") for i in range(COUNT))
    text += "".join(message(f"message-{i}", f"{JULIET}/r{i}", ROMEO) for i in range(COUNT))
    text += "".join(dialogue.request("unbind", f"r{i}", f"unbind-{i}") for i in range(COUNT))
    answers = stanzas(server, text)
    expected = [f"{kind}-{i}" for kind in ("bind", "unbind") for i in range(COUNT)]
    assert [answer.get("id") for answer in answers] == expected, [answer.get("id") for answer in answers]
    for i, answer in enumerate(answers[:COUNT]):
        assert answer.findtext(f"{BIND}bind/{BIND}jid") == f"{JULIET}/r{i}", text_of(answer)
    assert all(answer.get("type") == "result" for answer in answers)
    arrived = romeo.settle()
    expected = [(f"message-{i}", f"{JULIET}/r{i}") for i in range(COUNT)]
    assert [(element.get("id"), element.get("from")) for element in arrived] == expected
    romeo.close()


def mixed(server):
    """Each resource is bound, sends itself a message, and is unbound; one stays."""
    text = dialogue.request("bind", "keep", "keep")
    for i in range(COUNT):
        text += dialogue.request("bind", f"r{i}", f"bind-{i}")
        text += message(f"message-{i}", f"{JULIET}/keep", f"{JULIET}/r{i}")
        text += dialogue.request("unbind", f"r{i}", f"unbind-{i}")
    came = [element.get("id") for element in stanzas(server, text + dialogue.END)]
    requests = [identifier for identifier in came if not identifier.startswith("message")]
    assert requests == ["keep"] + [f"{kind}-{i}" for i in range(COUNT) for kind in ("bind", "unbind")], requests
    messages = [identifier for identifier in came if identifier.startswith("message")]
    assert messages == [f"message-{i}" for i in range(COUNT)], messages
    for i in range(COUNT):
        assert came.index(f"bind-{i}") < came.index(f"message-{i}"), f"message {i} came before its resource was bound"


def refused_ones_keep_their_place(server):
    """Good and bad requests in turn: none of the answers overtakes another."""
    text = dialogue.request("bind", "keep", "keep")
    expected = [("keep", None)]
    kinds = (
        ("bind", "r{}", None),
        ("bind", "r{}", "conflict"),
        ("bind", "", "bad-request"),
        ("unbind", "nobody", "item-not-found"),
        ("unbind", "r{}", None),
    )
    for i in range(COUNT // len(kinds)):
        for j, (kind, resource, condition) in enumerate(kinds):
            text += dialogue.request(kind, resource.format(i), f"{i}-{j}")
            expected.append((f"{i}-{j}", condition))
    answers = stanzas(server, text + dialogue.END)
    assert [(answer.get("id"), condition_of(answer)) for answer in answers] == expected


def white_space_between(server):
    text = dialogue.request("bind", "balcony", "1") + " \n\t " + message("2", JULIET, f"{JULIET}/balcony") + "\n"
    assert [element.get("id") for element in stanzas(server, text + dialogue.END)] == ["1", "2"]


def two_in_one_segment(server):
    """Of the second stanza only a half at first, and a whole one behind the other half."""
    juliet = Stream(server.port).login("juliet")
    juliet.bind("balcony")
    other = orchard(server)
    texts = [message(str(i), f"{JULIET}/balcony", f"{JULIET}/balcony") for i in range(4)]
    juliet.send(texts[0] + texts[1])
    assert [juliet.read().get("id") for _ in range(2)] == ["0", "1"]
    juliet.send(texts[2] + texts[3][:30])
    assert juliet.read().get("id") == "2"
    other.settle()
    juliet.send(texts[3][30:] + texts[0])
    assert [juliet.read().get("id") for _ in range(2)] == ["3", "0"]
    juliet.close()
    other.close()


def behind_the_last_unbind(server):
    """UNBIND-3: the stream is over then. What stands behind is neither answered nor delivered."""
    romeo = orchard(server)
    text = dialogue.request("bind", "balcony", "1") + dialogue.request("unbind", "balcony", "2")
    messages = [message("3", sender, ROMEO) for sender in (f"{JULIET}/balcony", JULIET)]
    for more in (*messages, dialogue.request("bind", "balcony", "3"), "<"):
        answers = stanzas(server, text + more)
        assert [(answer.get("id"), answer.get("type")) for answer in answers] == [("1", "result"), ("2", "result")]
    assert romeo.settle() == []
    romeo.close()


def refused_login_first(server):
    """A login that fails and one that does not, and what follows, without waiting for either."""
    text = dialogue.HEADER + dialogue.auth("juliet", "wrong") + dialogue.login("juliet").removeprefix(dialogue.HEADER)
    before, behind = dialogue.play(server.port, text + dialogue.request("bind", "balcony", "1") + dialogue.END)
    assert before.tags() == ["features", "failure", "success"], before.tags()
    assert behind.tags() == ["features", "iq"] and behind.ended, behind.tags()


def last_words(server):
    """Everything in one write, and the end of the connection right behind: the message goes out all the same."""
    romeo = orchard(server)
    connection = dialogue.connect(server.port)
    text = dialogue.request("bind", "balcony", "1") + message("2", f"{JULIET}/balcony", ROMEO)
    connection.sendall((dialogue.login("juliet") + text + dialogue.END).encode())
    connection.shutdown(dialogue.socket.SHUT_WR)
    assert romeo.read().get("id") == "2"
    dialogue.read_to_end(connection)
    connection.close()
    romeo.close()


def without_waiting_for_the_clock(server):
    """What comes in makes the server answer, not the time that passes: it looks at that once a second."""
    juliet = Stream(server.port).login("juliet")
    juliet.bind("balcony")
    start = time.monotonic()
    for i in range(SECONDS):
        for to in (f"nobody@{DOMAIN}", "nobody@elsewhere.example", DOMAIN, JULIET, f"romeo@{DOMAIN}/nowhere"):
            juliet.send(f"<iq type='get' id='{i}' to='{to}'><query xmlns='urn:x'/></iq>")
            answer = juliet.read()
            assert answer.get("id") == str(i) and answer.get("type") == "error", text_of(answer)
    elapsed = time.monotonic() - start
    assert elapsed < SECONDS, f"{elapsed:.1f} seconds for what takes milliseconds"
    juliet.close()


def write_until_nobody_reads(stream, text, other):
    """Sends the text again and again without reading, until the server does not read either: how often, and the rest.

    As long as it answers another client many times, and still does not read, it will not."""
    octets, times, rest, refused = text.encode(), 0, b"", 0
    stream.socket.setblocking(False)
    while refused < 50:
        if not rest:
            rest = octets
            times += 1
        try:
            rest = rest[stream.socket.send(rest) :]
            refused = 0
        except BlockingIOError:
            other.settle()
            refused += 1
    stream.socket.settimeout(PATIENCE)
    return times, rest


def small_queue(program):
    """Nearly nothing may wait in the library, and the client reads late: it has to wait, but not for the clock."""
    with Server(program, "--set", "max-queued-events=16") as server:
        juliet = Stream(server.port).login("juliet")
        juliet.bind("balcony")
        other = orchard(server)
        text = "".join(message(str(i), f"{JULIET}/balcony", f"{JULIET}/balcony") for i in range(COUNT))
        times, rest = write_until_nobody_reads(juliet, text, other)
        sender = dialogue.send_beside(juliet.socket, rest)
        start = time.monotonic()
        received = bytearray()
        while not received.endswith(LAST) or received.count(LAST) < times:  # as fast as can be: parsed below
            received += juliet.socket.recv(1 << 20)
        elapsed = time.monotonic() - start
        sender.join()
        numbers = [int(number) for number in re.findall(rb"<body>(\d+)</body>", received)]
        assert numbers == list(range(COUNT)) * times
        juliet.close()
        other.close()
        assert elapsed < times * COUNT / 100, f"{elapsed:.1f} seconds for {times * COUNT} messages"


def main():
    program = sys.argv[1]
    tap = Tap()
    with Server(program, *MANY) as server:
        for name, case in (
            ("login, restart, bind, message and end in one write", one_write),
            ("cut at each octet, the dialogue is the same", every_boundary),
            ("octet by octet, the dialogue is the same", octet_by_octet),
            (f"{COUNT} binds, messages and unbinds in one write: every answer, in order", many_binds_messages_unbinds),
            (f"{COUNT} times bind, message and unbind: every answer, in order", mixed),
            ("answers to refused requests keep their place", refused_ones_keep_their_place),
            ("white space between stanzas", white_space_between),
            ("two stanzas in one segment, and one and a half", two_in_one_segment),
            ("a stanza behind the last unbind is not taken", behind_the_last_unbind),
            ("a login that fails, one that does not, and a restart in one write", refused_login_first),
            ("what a client sends before it goes is delivered", last_words),
            ("no answer waits for the clock", without_waiting_for_the_clock),
        ):
            tap.case(name, case, server)
        tap.equal("the server ends in good order", server.stop(), 0)
    tap.case("messages of which few may wait do not wait for the clock", small_queue, program)
    tap.end()


main()
