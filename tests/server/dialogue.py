"""Whole dialogues as text, for what the usual client (harness.py) would never send, or not in such pieces."""

import base64
import re
import socket
import threading
import xml.etree.ElementTree as ElementTree

from harness import DOMAIN, PATIENCE

BIND_NAMESPACE = "urn:ietf:params:xml:ns:xmpp-bind"
HEADER = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams'>"
)
END = "</stream:stream>"


def auth(name, password="secret"):
    """The request of the mechanism PLAIN."""
    secret = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
    return f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>"


def login(name):
    """Everything up to where stanzas are allowed."""
    return HEADER + auth(name) + HEADER


def request(kind, resource, identifier):
    """A bind or unbind request."""
    return (
        f"<iq type='set' id='{identifier}'><{kind} xmlns='{BIND_NAMESPACE}'>"
        f"<resource>{resource}</resource></{kind}></iq>"
    )


def octets_of(text):
    """What is given as text, as it is sent."""
    return text.encode() if isinstance(text, str) else text


def connect(port):
    """A connection, whose segments leave at once."""
    connection = socket.create_connection(("127.0.0.1", port), PATIENCE)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def read_to_end(connection):
    """All octets until the server ends the connection; a reset ends it too."""
    received = b""
    try:
        while block := connection.recv(65536):
            received += block
    except ConnectionResetError:
        pass
    return received


def send_all(connection, text):
    """Everything, unless the server ends the connection before."""
    try:
        connection.sendall(octets_of(text))
    except (ConnectionResetError, BrokenPipeError):
        pass


def send_beside(connection, text):
    """Sends in a thread of its own, so that this one reads meanwhile: join it."""
    sender = threading.Thread(target=send_all, args=(connection, text))
    sender.start()
    return sender


class Document:
    """What a server sent from one header to the next: its header, the elements, and whether the end came."""

    def __init__(self, octets):
        parser = ElementTree.XMLPullParser(("start", "end"))
        parser.feed(octets)
        self.header = None
        self.elements = []
        self.ended = False
        depth = 0
        for event, element in parser.read_events():
            depth += 1 if event == "start" else -1
            if event == "start" and depth == 1:
                self.header = element
            elif event == "end" and depth == 1:
                self.elements.append(element)
            elif event == "end" and depth == 0:
                self.ended = True

    def tags(self):
        """The names of the elements, without their namespaces."""
        return [element.tag.split("}")[1] for element in self.elements]

    def identifiers(self):
        """The ids of the elements."""
        return [element.get("id") for element in self.elements]


def documents(octets):
    """The documents that one after the other came in one direction of a connection, each well-formed."""
    parts = re.split(rb"(?=<stream:stream[ >])", re.sub(rb"<\?xml[^>]*\?>", b"", octets))
    if parts[0].strip():
        raise RuntimeError(f"this is no stream: {octets[:200]!r}")
    return [Document(part) for part in parts[1:]]


def play(port, *pieces, between=None):
    """Sends the pieces, with between() after each but the last: the documents that come until the connection ends."""
    with connect(port) as connection:
        for piece in pieces[:-1]:
            send_all(connection, piece)
            between()
        sender = send_beside(connection, pieces[-1])
        received = read_to_end(connection)
        sender.join()
    return documents(received)
