"""The transcripts of tests/transcripts, as a runner with sockets needs them: what to do, and what each client is to see.

What the console prints is turned into what arrives at a client by the rules in the comment at the top of cases_test.py.
"""

import copy
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from harness import BIND, CLIENT, STANZA_ERRORS

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "transcripts"
ROSTER = "{jabber:iq:roster}"
SUBSCRIPTION = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")
STANZAS = (CLIENT + "message", CLIENT + "presence", CLIENT + "iq")


def bare(jid):
    return jid.partition("/")[0]


def prepared(jid):
    """A bare JID as the library prepares those of the transcripts."""
    return jid.rstrip(".").lower()


def parse(text):
    """A stanza as it stands on a stream, where what has no namespace is in jabber:client; None when it is not well-formed."""
    try:
        stream = ElementTree.fromstring(f"<stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>{text}</stream>")
    except ElementTree.ParseError:
        return None
    return stream[0] if len(stream) == 1 and not (stream.text or stream[0].tail or "").strip() else None


def kind_of(stanza):
    return stanza.tag.removeprefix(CLIENT)


def canonical(element, account=None, guests=()):
    """An element as a value: attributes in no order, text exact, what is random by its name, guests by their bare JID. An answer to an
    account may name that as its sender, or none (SESS-4)."""

    def text(value):
        return re.sub("[0-9a-f]{32}", "GENERATED", value or "")

    attributes = {name: text(value) for name, value in element.attrib.items()}
    for name in ("from", "to"):
        if bare(attributes.get(name, "")) in guests:
            attributes[name] = bare(attributes[name])
    if element.tag == CLIENT + "iq":
        attributes = {name: re.sub("^push-[0-9a-f]+$", "PUSH", value) for name, value in attributes.items()}
        if attributes.get("from") == account:
            attributes.pop("from", None)
    if element.tag == ROSTER + "query" and re.fullmatch("[0-9]+", attributes.get("ver", "")):
        attributes["ver"] = "VERSION"
    children = tuple((canonical(child), text(child.tail)) for child in element)
    return (element.tag, tuple(sorted(attributes.items())), text(element.text), children)


def returned(stanza, condition, error_type, to, from_):
    """The stanza as it comes back with an error."""
    answer = copy.deepcopy(stanza)
    answer.attrib.pop("from", None)
    answer.attrib.pop("to", None)
    answer.set("type", "error")
    answer.set("to", to)
    if from_ is not None:
        answer.set("from", from_)
    error = ElementTree.SubElement(answer, CLIENT + "error", type=error_type)
    ElementTree.SubElement(error, STANZA_ERRORS + condition)
    return answer


class Transcript:
    """One of them: its commands as tuples, the lines of its output, who has an account, who is a guest."""

    def __init__(self, base):
        self.name = str(base.relative_to(FOLDER))
        self.area = base.parent.name
        arguments = base.with_name(base.name + ".args")
        words = arguments.read_text().split() if arguments.exists() else []
        self.options = [word for word in words if word != "--set"]
        self.commands = []
        self.im = False
        for line in self._text(base, ".in").split("\n"):
            self._command(line)
        self.output = [line.split(" ") for line in self._text(base, ".out").split("\n") if line]
        self.accounts = {prepared(command[2]): command[2] for command in self.commands if command[0] == "open"}
        self.guests = {}  # the resources of each
        for jid in self._elsewhere():
            resource = jid.partition("/")[2]
            resources = self.guests.setdefault(bare(jid), [])
            if resource and resource not in resources:
                resources.append(resource)

    @staticmethod
    def _text(base, suffix):
        path = base.with_name(base.name + suffix)
        if path.exists():
            return path.read_text(encoding="utf-8")
        return subprocess.run(["sh", f"{path}.sh"], stdout=subprocess.PIPE, check=True).stdout.decode()

    def _command(self, line):
        words = line.split(" ")
        if line.strip() == "" or line.startswith("#"):
            return
        if line == "im on":
            self.im = True
        elif words[0] == "set":
            self.options.append(f"{words[1]}={words[2]}")
        elif words[0].endswith(":"):
            self.commands.append(("stanza", words[0][:-1], line.partition(": ")[2]))
        elif words[0] == "deliver":
            self.commands.append(("deliver", line.partition(" ")[2]))
        else:
            self.commands.append(tuple(words))

    def _elsewhere(self):
        """The addresses that stanzas go to or come from, and that are of no account that is opened."""
        for command in self.commands:
            if command[0] not in ("stanza", "deliver"):
                continue
            stanza = parse(command[-1])
            jid = "" if stanza is None else stanza.get("to" if command[0] == "stanza" else "from", "")
            if all(bare(jid).partition("@")) and prepared(bare(jid)) not in self.accounts:
                yield jid

    def can_be_sent(self, stanza):
        """Whether what the console is told to deliver from elsewhere can come of a client: not what a domain says itself or somebody
        in the name of an account here, and not what a client's own server refuses or gives another address (RFC 6121 3.1.2, 4.7.1)."""
        if bare(stanza.get("from")) not in self.guests:
            return False
        if kind_of(stanza) != "presence" or stanza.get("type") is None:
            return True
        type_ = stanza.get("type")
        return type_ in ("unavailable", "probe", "error") or type_ in SUBSCRIPTION and "/" not in stanza.get("to")

    def unsent(self):
        """What cannot."""
        delivered = [parse(command[1]) for command in self.commands if command[0] == "deliver"]
        return [stanza for stanza in delivered if not self.can_be_sent(stanza)]

    def domains(self):
        """Those that the server serves."""
        return list(dict.fromkeys(jid.partition("@")[2] for jid in (*self.accounts, *self.guests)))

    def uses(self, *verbs):
        return any(command[0] in verbs for command in self.commands)


def transcripts(areas):
    """All of the areas, by name."""
    for area in areas:
        names = {path.name.split(".")[0] for path in (FOLDER / area).iterdir()}
        for name in sorted(names):
            yield FOLDER / area / name


class Expectation:
    """What each stream, in each of the times that it is open, and each guest is to receive: elements, and ("close", CONDITION)."""

    def __init__(self, transcript):
        self.transcript = transcript
        self.streams = {}  # name: a list for each time that it is open
        self.guests = {jid: [] for jid in transcript.guests}
        self.of_the_server = set()  # what is not the library's answer; the two may overtake one another
        self.features = {}  # name: of each time that it is open
        self.stream_accounts = {command[1]: prepared(command[2]) for command in transcript.commands if command[0] == "open"}
        self.holders = {}  # full JID: stream
        self.available = {}  # full JID: its last presence; only where the transcript has no session layer of its own
        self.unsent = [canonical(stanza) for stanza in transcript.unsent()]
        self.repeated = self._with_repeated_features()
        for words in transcript.output:
            self._line(words)

    def _with_repeated_features(self):
        """The streams whose features are asked for again: a client does not see that."""
        opened = [command[1] for command in self.transcript.commands if command[0] == "open"]
        printed = [words[0] for words in self.transcript.output if words[1] == "features"]
        return {name for name in opened if opened.count(name) != printed.count(name)}

    def _sees(self, name, stanza):
        if canonical(stanza) in self.unsent:
            return
        self.streams[name][-1].append(canonical(stanza, self.stream_accounts[name], self.guests))

    def _line(self, words):
        name, event, rest = words[0], words[1], " ".join(words[2:])
        if name == "host":
            self._for_the_host(parse(" ".join(words[1:])))
        elif name in ("session", "error"):
            pass
        elif event == "features":
            self._features(name, parse(rest))
        elif event == "opened":
            self.holders[rest] = name
        elif event == "closed":
            self._closed(name, " ".join(words[2:-1]))
        elif event == "send":
            self._sees(name, parse(rest))
        elif event == "route":
            self._accepted(parse(rest))
        elif event == "close":
            self.streams[name][-1].append(("close", rest))
        elif (event, rest) == ("discard", "not-a-stanza"):
            self.streams[name][-1].append(("close", "unsupported-stanza-type"))
            self.streams[name].append([])
            self.features[name].append(None)
        elif event not in ("discard", "gone"):
            raise ValueError(f"a line of the console that is not known: {words}")

    def _features(self, name, features):
        if name in self.repeated and name in self.streams:
            return
        self.streams.setdefault(name, []).append([])
        self.features.setdefault(name, []).append(tuple(canonical(feature) for feature in features))

    def _closed(self, name, jid):
        if self.holders[jid] != name:
            return  # another session has it, and nobody is told that it is gone (CONF-8)
        del self.holders[jid]
        if self.available.pop(jid, None) is not None:
            for other in self.available:
                if bare(other) == bare(jid):
                    gone = ElementTree.Element(CLIENT + "presence", type="unavailable", to=other)
                    gone.set("from", jid)
                    self._arrives(gone)

    def _arrives(self, stanza):
        """At the client of the address it is for, if that is there."""
        to = stanza.get("to", "")
        if bare(to) in self.guests:
            self.guests[bare(to)].append(canonical(stanza, guests=self.guests))
        elif to in self.holders:
            self._sees(self.holders[to], stanza)

    def _returns(self, stanza, from_):
        if stanza.get("type") == "error" or (kind_of(stanza), stanza.get("type")) == ("iq", "result"):
            return
        answer = returned(stanza, "service-unavailable", "cancel", stanza.get("from"), from_)
        self.of_the_server.add(canonical(answer, bare(stanza.get("from")), self.guests))
        self._arrives(answer)

    def _accepted(self, stanza):
        """A stanza of a client that the console has accepted and stamped."""
        to = stanza.get("to")
        if to is not None and bare(to) in self.guests:
            self._at_a_guest(stanza)
        elif kind_of(stanza) == "presence" and to is None:
            self._broadcast(stanza)
        elif kind_of(stanza) == "iq" and stanza.get("type") not in ("get", "set", "result", "error"):
            self._arrives(returned(stanza, "bad-request", "modify", stanza.get("from"), to))
        elif to == "":
            self._arrives(returned(stanza, "jid-malformed", "modify", stanza.get("from"), to))
        elif to in self.holders:
            self._arrives(stanza)
        else:
            self._for_the_host(stanza)

    def _at_a_guest(self, stanza):
        kind, type_, to = kind_of(stanza), stanza.get("type"), stanza.get("to")
        if "/" in to or (kind == "presence" and type_ != "probe"):
            self._arrives(stanza)
        elif kind == "iq" or type_ == "groupchat":
            self._returns(stanza, to)
        elif kind == "message" and type_ != "error":
            self._arrives(stanza)

    def _for_the_host(self, stanza):
        """What comes out for the server: it stores nothing, and knows no IQ of the transcripts."""
        if canonical(stanza) in self.unsent:
            return
        to = stanza.get("to")
        account = bare(stanza.get("from")) if to is None else to
        if to is not None and bare(to) in self.guests:
            self._at_a_guest(stanza)
        elif kind_of(stanza) == "iq" and to is None and [child.tag for child in stanza] == [ROSTER + "query"]:
            self._roster(stanza)
        else:
            self._returns(stanza, account if kind_of(stanza) == "message" else to)

    def _roster(self, request):
        """Where the transcript has no session layer nobody has contacts."""
        answer = ElementTree.Element(CLIENT + "iq", type="result", id=request.get("id"), to=request.get("from"))
        ElementTree.SubElement(answer, ROSTER + "query")
        self._arrives(answer)

    def _broadcast(self, presence):
        """PRES-1, PRES-2 without contacts: to all that are available, itself among them; at first also theirs to it."""
        sender = presence.get("from")
        if presence.get("type") is not None:
            if self.available.pop(sender, None) is None:
                return
        others = {jid: last for jid, last in self.available.items() if bare(jid) == bare(sender) and jid != sender}
        at_first = sender not in self.available
        if presence.get("type") is None:
            self.available[sender] = presence
        for jid in self.available:
            if bare(jid) == bare(sender):
                self._to(jid, presence)
        for last in others.values() if at_first and presence.get("type") is None else ():
            self._to(sender, last)

    def _to(self, jid, presence):
        addressed = copy.deepcopy(presence)
        addressed.set("to", jid)
        self._arrives(addressed)


def bound_jid(element):
    """The full JID that an answer to a bind request names, or None."""
    return element.findtext(f"{BIND}bind/{BIND}jid")
