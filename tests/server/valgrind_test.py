#!/usr/bin/env python3
"""A bit of everything under valgrind: no invalid access, and nothing is lost at the end.

    valgrind_test.py SERVER        as it is released
"""

import os
import sys
import tempfile

import dialogue
from harness import CLIENT, DOMAIN, SASL, Server, Stream, Tap, certificate, condition_of, text_of

VALGRIND = (
    "valgrind",
    "--quiet",
    "--error-exitcode=99",
    "--leak-check=full",
    "--show-leak-kinds=definite,indirect,possible",
    "--errors-for-leak-kinds=definite,indirect,possible",
)
JULIET = f"juliet@{DOMAIN}"
ROMEO = f"romeo@{DOMAIN}"
ROSTER = "jabber:iq:roster"
PRIVACY = "jabber:iq:privacy"


def opened(server, encrypt):
    """A connection up to where one can log in."""
    stream = Stream(server.port)
    stream.open()
    if encrypt:
        stream.start_tls()
    return stream


def ask(stream, kind, content, to=None, identifier="ask", sender=None):
    """A request and its answer."""
    addresses = (f" to='{to}'" if to else "") + (f" from='{sender}'" if sender else "")
    stream.send(f"<iq type='{kind}' id='{identifier}'{addresses}>{content}</iq>")
    answer = stream.read_until(lambda element: element.get("id") == identifier)
    assert answer is not None, f"no answer to {content}"
    return answer


def pair(server, encrypt):
    """Juliet and Romeo, available, each with the other's presence."""
    juliet, romeo = (opened(server, encrypt).login(name) for name in ("juliet", "romeo"))
    assert juliet.bind("balcony") and romeo.bind("orchard")
    for stream, other in ((juliet, ROMEO), (romeo, JULIET)):
        assert ask(stream, "get", f"<query xmlns='{ROSTER}'/>").get("type") == "result"
        item = f"<item jid='{other}' name='love'><group>Verona</group></item>"
        ask(stream, "set", f"<query xmlns='{ROSTER}'>{item}</query>")
        stream.send("<presence/>")
        stream.settle()
    for stream, other in ((juliet, romeo), (romeo, juliet)):
        stream.send(f"<presence type='subscribe' to='{ROMEO if stream is juliet else JULIET}'/>")
        asked = other.read_until(lambda element: element.get("type") == "subscribe")
        other.send(f"<presence type='subscribed' to='{asked.get('from')}'/>")
        there = stream.read_until(lambda element: element.tag == CLIENT + "presence" and "/" in element.get("from"))
        assert there is not None
    return juliet, romeo


def conversation(juliet, romeo):
    """Messages to full and bare addresses, to nobody, elsewhere, and what is asked of the server."""
    for to in (f"{ROMEO}/orchard", ROMEO):
        juliet.send(f"<message to='{to}' id='hark' type='chat'><body>Hark &amp; é</body></message>")
        came = romeo.read_until(lambda element: element.get("id") == "hark")
        assert came.findtext(CLIENT + "body") == "Hark & é", text_of(came)
    for to in ("nurse@elsewhere.example", f"nobody@{DOMAIN}", f"nurse@{DOMAIN}/chamber", "@"):
        juliet.send(f"<message to='{to}' id='lost'><body>Nurse!</body></message>")
        assert juliet.read_until(lambda element: element.get("id") == "lost").get("type") == "error"
        assert ask(juliet, "get", "<query xmlns='urn:x'/>", to).get("type") == "error"
    for content in ("<query xmlns='http://jabber.org/protocol/disco#info'/>", "<ping xmlns='urn:xmpp:ping'/>"):
        for to in (DOMAIN, JULIET, None):
            assert ask(juliet, "get", content, to).get("type") == "result", content
    romeo.send("<presence><show>away</show><priority>5</priority></presence>")
    romeo.send("<presence><priority>1000</priority></presence>")
    romeo.send(f"<presence to='{JULIET}' type='unavailable'/><presence type='nonsense'/>")
    romeo.settle()
    rule = "<item type='jid' value='{}' action='deny' order='1'/>"
    lists = f"<query xmlns='{PRIVACY}'><list name='all'>{rule.format(ROMEO)}</list></query>"
    assert ask(juliet, "set", lists).get("type") == "result"
    for choice in ("<active name='all'/>", "<default name='all'/>", "<active/>", "<default/>", "<list name='all'/>"):
        assert ask(juliet, "set", f"<query xmlns='{PRIVACY}'>{choice}</query>").get("type") == "result", choice
    item = f"<query xmlns='{ROSTER}'><item jid='{ROMEO}' subscription='remove'/></query>"
    assert ask(juliet, "set", item).get("type") == "result"


def resources(juliet, romeo):
    """Several on one stream, refused ones among them; the last one ends the stream."""
    assert juliet.bind("core") and juliet.bind("café")
    for kind, resource in (("bind", ""), ("bind", "core"), ("unbind", "nothing"), ("unbind", "")):
        juliet.send(dialogue.request(kind, resource, "refused"))
        assert condition_of(juliet.read_until(lambda element: element.get("id") == "refused"))
    for resource in ("core", "café"):
        juliet.send(f"<presence from='{JULIET}/{resource}'/>")
        juliet.send(f"<message from='{JULIET}/{resource}' to='{ROMEO}/orchard' id='{resource}'/>")
        came = romeo.read_until(lambda element, wanted=resource: element.get("id") == wanted)
        assert came.get("from") == f"{JULIET}/{resource}", text_of(came)
    juliet.send("<iq type='result' id='late'/>")
    assert juliet.unbind("balcony") == "result" and juliet.unbind("core") == "result"
    assert juliet.unbind("café") == "result"
    assert juliet.read() is None and juliet.ended


def conflict(server, encrypt):
    first, second = (opened(server, encrypt).login("nurse") for _ in range(2))
    assert first.bind("chamber") == second.bind("chamber")
    assert condition_of(first.read()) == "conflict"
    first.drop()
    second.close()


def broken(server, encrypt):
    """Streams that end with an error, or without a word."""
    if not encrypt:
        login = dialogue.login("juliet") + dialogue.request("bind", "b", "1")
        for text in (
            "garbage",
            "<!-- -->",
            dialogue.HEADER + "<message/>",
            dialogue.HEADER + dialogue.auth("juliet", "no") * 5,
            dialogue.HEADER.replace(DOMAIN, "elsewhere.example"),
            login + "<message></a>",
            login + "<a/>",
            login + "<message>" + "<a>" * 200,
            login + "<message>" + "a" * 300000,
            login + "<message from='a@b'/>",
        ):
            assert condition_of(dialogue.play(server.port, text)[-1].elements[-1]), text[:100]
        with dialogue.connect(server.port) as half:
            half.sendall((login + "<message>").encode())
            half.shutdown(dialogue.socket.SHUT_WR)
            dialogue.read_to_end(half)
    failing = opened(server, encrypt)
    failing.send(f"<auth xmlns='{SASL[1:-1]}' mechanism='SCRAM-SHA-256'>biwsbj1qdWxpZXQscj1ub25jZQ==</auth>")
    assert failing.read().tag == SASL + "challenge"
    failing.send(f"<response xmlns='{SASL[1:-1]}'>Yz1iaXdzLHI9bm9uY2UscD1hYWFh</response>")
    assert failing.read().tag == SASL + "failure"
    failing.drop()


def registration(server, encrypt):
    """An account is made, used, and removed by itself."""
    stream = opened(server, encrypt)
    query = "<query xmlns='jabber:iq:register'>{}</query>"
    account = "<username>paris</username><password>secret</password>"
    assert ask(stream, "get", query.format("")).get("type") == "result"
    assert ask(stream, "set", query.format(account)).get("type") == "result"
    assert condition_of(ask(stream, "set", query.format(account))) == "conflict"
    stream.login("paris")
    stream.bind("tomb")
    stream.send(f"<iq type='set' id='gone' to='{DOMAIN}'>{query.format('<remove/>')}</iq>")
    stream.read_to_end()
    stream.drop()


def session(program, encrypt, *arguments):
    """Everything once; at the end there are open streams, one in the middle of a stanza, and one not logged in."""
    with Server(program, "--limit", "close-seconds=1", *arguments, wrapper=VALGRIND) as server:
        juliet, romeo = pair(server, encrypt)
        conversation(juliet, romeo)
        resources(juliet, romeo)
        conflict(server, encrypt)
        broken(server, encrypt)
        if "--register" in arguments:
            registration(server, encrypt)
        romeo.send(f"<message to='{ROMEO}'><body>")
        left = [opened(server, encrypt), opened(server, encrypt).login("juliet")]
        left[1].bind("left")
        left[1].send("<presence/>")
        left[1].settle()
        assert server.stop() == 0
        for stream in left:
            last = stream.read_until(lambda element: element.tag.endswith("}error"))
            assert condition_of(last) == "system-shutdown"


def main():
    program = sys.argv[1]
    tap = Tap()
    tap.case("a session of everything, under valgrind", session, program, False, "--register")
    with tempfile.TemporaryDirectory() as folder, certificate() as (file, key):
        stored = ("--rosters", os.path.join(folder, "rosters.sqlite"), "--cert", file, "--key", key)
        tap.case("the same with TLS, and rosters in a file", session, program, True, *stored)
        tap.case("and again, with the rosters that are in the file", session, program, True, *stored)
    tap.end()


main()
