"""What the tests of the server share: starting and stopping it, a raw XMPP stream over a socket, TAP.

A test program is called with the server's program as its first argument, and prints TAP:

    tap = Tap()
    with Server(sys.argv[1], "--register") as server:
        juliet = Stream(server.port).login("juliet", "secret")
        juliet.bind("balcony")
        juliet.send("<presence/>")
        tap.equal("the presence comes back", juliet.read().get("from"), "juliet@capulet.example/balcony")
    tap.end()

Nothing here sleeps: what is waited for is read, with a limit that only a broken server meets.
"""

import base64
import contextlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import traceback
import xml.etree.ElementTree as ElementTree

PATIENCE = 60  # seconds, for what a server that works does at once, also under sanitizers and valgrind
STREAMS = "{http://etherx.jabber.org/streams}"
CLIENT = "{jabber:client}"
BIND = "{urn:ietf:params:xml:ns:xmpp-bind}"
SASL = "{urn:ietf:params:xml:ns:xmpp-sasl}"
STREAM_ERRORS = "{urn:ietf:params:xml:ns:xmpp-streams}"
STANZA_ERRORS = "{urn:ietf:params:xml:ns:xmpp-stanzas}"
DOMAIN = "capulet.example"


class Server:
    """A server on a free port of 127.0.0.1, with the accounts juliet, romeo and nurse (each with the password secret)."""

    def __init__(self, program, *arguments, accounts=("juliet", "romeo", "nurse"), domain=DOMAIN, wrapper=()):
        command = [*wrapper, program, "--listen", "127.0.0.1:0", "--domain", domain, *arguments]
        for account in accounts:
            command += ["--account", account + ":secret"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        found = re.search(r":(\d+)$", line.strip())
        if found is None:
            raise RuntimeError(f"the server does not listen: {line!r}, status {self.process.wait()}")
        self.port = int(found.group(1))
        self.stopped = False
        self.status = None

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.stop()

    def stop(self):
        """Stops it in good order; its exit status, which a sanitizer that found something makes another than 0."""
        if not self.stopped:
            self.stopped = True
            self.process.send_signal(signal.SIGTERM)
            try:
                self.status = self.process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise RuntimeError("the server does not end on SIGTERM")  # a failure before it is shown as well
            if self.status != 0:
                raise RuntimeError(f"the server ended with status {self.status}")
        return self.status

    def memory(self):
        """Its resident memory, in octets."""
        with open(f"/proc/{self.process.pid}/smaps_rollup", encoding="ascii") as smaps:
            return int(re.search(r"^Rss:\s+(\d+) kB", smaps.read(), re.M).group(1)) * 1024

    def cpu(self):
        """The processor time it has used, in clock ticks."""
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
            return int(fields[11]) + int(fields[12])


@contextlib.contextmanager
def certificate():
    """A certificate for the domain that signs itself, and its key: the names of their files, which are gone at the end."""
    with tempfile.TemporaryDirectory() as folder:
        file, key = folder + "/certificate.pem", folder + "/key.pem"
        command = ["openssl", "req", "-x509", "-nodes", "-days", "2", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
        command += ["-subj", f"/CN={DOMAIN}", "-addext", f"subjectAltName=DNS:{DOMAIN}", "-keyout", key, "-out", file]
        subprocess.run(command, check=True, capture_output=True)
        yield file, key


class Stream:
    """A client's side of a connection: text goes out as it is, elements come in one by one."""

    def __init__(self, port, domain=DOMAIN, host="127.0.0.1"):
        self.domain = domain
        self.socket = socket.create_connection((host, port), PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.restart()

    def restart(self):
        """A new parser: after login and TLS the stream begins again."""
        self.parser = ElementTree.XMLPullParser(("start", "end"))
        self.depth = 0
        self.header = None
        self.waiting = []
        self.ended = False  # with </stream:stream>
        self.closed = False  # the connection

    def send(self, text):
        self.socket.sendall(text.encode() if isinstance(text, str) else text)
        return self

    def _receive(self):
        data = self.socket.recv(65536)
        if not data:
            self.closed = True
            return
        self.parser.feed(data)
        for event, element in self.parser.read_events():
            if event == "start":
                self.depth += 1
                if self.depth == 1:
                    self.header = element
            else:
                self.depth -= 1
                if self.depth == 1:
                    self.waiting.append(element)
                elif self.depth == 0:
                    self.ended = True

    def read(self):
        """The next element that arrives; None at the end of the stream or connection."""
        while not self.waiting and not self.closed and not self.ended:
            self._receive()
        return self.waiting.pop(0) if self.waiting else None

    def read_until(self, wanted):
        """The next element for which wanted(element) is true; those before it are dropped. None: it never came."""
        element = self.read()
        while element is not None and not wanted(element):
            element = self.read()
        return element

    def read_to_end(self):
        """Everything until the connection is closed."""
        elements = []
        try:
            while not self.closed:
                if not self.waiting:
                    self._receive()
                elements += self.waiting
                self.waiting = []
        except ConnectionResetError:
            self.closed = True
        return elements

    def open(self):
        """Opens the stream: the features."""
        self.send(
            f"<?xml version='1.0'?><stream:stream to='{self.domain}' version='1.0' xmlns='jabber:client'"
            " xmlns:stream='http://etherx.jabber.org/streams'>"
        )
        return self.read()

    def start_tls(self):
        """After open(): the connection is encrypted; the certificate is not looked at. The features come anew."""
        self.send("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>")
        if self.read().tag != "{urn:ietf:params:xml:ns:xmpp-tls}proceed":
            raise RuntimeError("no TLS")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        self.socket = context.wrap_socket(self.socket)
        self.restart()
        return self.open()

    def login(self, name, password="secret"):
        """Opens the stream, with TLS where that is offered, authenticates by PLAIN, opens it again: self, with features."""
        if self.header is None and self.open().find("{urn:ietf:params:xml:ns:xmpp-tls}starttls") is not None:
            self.start_tls()
        secret = base64.b64encode(f"\0{name}\0{password}".encode()).decode()
        self.send(f"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{secret}</auth>")
        answer = self.read()
        if answer is None or answer.tag != SASL + "success":
            raise RuntimeError(f"{name} cannot log in: {text_of(answer)}")
        self.restart()
        self.features = self.open()
        return self

    def bind(self, resource, identifier="bind"):
        """Binds a resource and reads the answer: the full JID, or None."""
        self.send(
            f"<iq type='set' id='{identifier}'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{resource}</resource></bind></iq>"
        )
        answer = self.read_until(lambda element: element.get("id") == identifier)
        return None if answer is None else answer.findtext(f"{BIND}bind/{BIND}jid")

    def unbind(self, resource, identifier="unbind"):
        """Unbinds a resource and reads the answer: its type."""
        self.send(
            f"<iq type='set' id='{identifier}'><unbind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>"
            f"<resource>{resource}</resource></unbind></iq>"
        )
        answer = self.read_until(lambda element: element.get("id") == identifier)
        return None if answer is None else answer.get("type")

    def settle(self):
        """Everything that was sent before has been dealt with, as its answer shows: the elements that came before that."""
        self.settled = getattr(self, "settled", 0) + 1
        identifier = f"settle-{self.settled}"
        self.send(f"<iq type='get' id='{identifier}' to='{self.domain}'><ping xmlns='urn:xmpp:ping'/></iq>")
        before = []
        element = self.read()
        while element is not None and element.get("id") != identifier:
            before.append(element)
            element = self.read()
        return before

    def close(self):
        """Ends the stream in good order: what came before the server's own end."""
        self.send("</stream:stream>")
        elements = self.read_to_end()
        self.socket.close()
        return elements

    def drop(self):
        """The connection is gone, without a word."""
        self.socket.close()


def befriend(port, first, second):
    """Two accounts become each other's contacts, by streams of their own."""
    streams = [Stream(port).login(name) for name in (first, second)]
    for stream in streams:
        stream.account = stream.bind("befriend").partition("/")[0]
    for asking, asked in (streams, reversed(streams)):
        asking.send(f"<presence type='subscribe' to='{asked.account}'/>").settle()
        asked.send(f"<presence type='subscribed' to='{asking.account}'/>").settle()
    for stream in streams:
        stream.send("<iq type='get' id='roster'><query xmlns='jabber:iq:roster'/></iq>")
        answer = stream.read_until(lambda element: element.get("id") == "roster")
        if [item.get("subscription") for item in answer[0]] != ["both"]:
            raise RuntimeError(f"no contacts of each other: {text_of(answer)}")
        stream.close()


def text_of(element):
    """An element as text, for what is said of a failure."""
    return "nothing" if element is None else ElementTree.tostring(element, encoding="unicode")


def condition_of(element):
    """The condition of a stanza error or stream error; None when there is none."""
    if element is None:
        return None
    error = element if element.tag == STREAMS + "error" else element.find(CLIENT + "error")
    for child in error if error is not None else ():
        if child.tag.startswith((STANZA_ERRORS, STREAM_ERRORS)):
            return child.tag.split("}")[1]
    return None


class Tap:
    """The results, as they are counted by tests/check.sh."""

    def __init__(self):
        self.number = 0
        self.failed = 0

    def result(self, good, name, *details):
        self.number += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.number} - {name}", flush=True)
        for detail in () if good else details:
            for line in str(detail).splitlines():
                print(f"# {line}", flush=True)
        return good

    def equal(self, name, value, expected):
        return self.result(value == expected, name, f"is:       {value!r}", f"expected: {expected!r}")

    def case(self, name, function, *arguments):
        """A test that is a function: it fails by an exception (use assert), and the others go on."""
        try:
            function(*arguments)
            return self.result(True, name)
        except Exception:  # pylint: disable=broad-except
            return self.result(False, name, traceback.format_exc())

    def include(self, name, *command):
        """Takes over the results of a program that prints TAP itself; that it ends well is one more."""
        try:
            done = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired as late:
            self.result(False, f"{name}: the program ends", late.stdout)
            return
        for line in done.stdout.splitlines():
            found = re.match(r"(not )?ok \d+ - (.*)", line)
            if found:
                self.result(not found.group(1), f"{name}: {found.group(2)}")
            elif line.startswith("#"):
                print(line)
        self.equal(f"{name}: the program ends with status 0", done.returncode, 0)

    def end(self):
        print(f"1..{self.number}")
        sys.exit(1 if self.failed or self.number == 0 else 0)
