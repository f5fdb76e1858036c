"""What is to arrive at the clients of a transcript, by the rules in the comment at the top of cases_test.py."""

import copy
import xml.etree.ElementTree as ElementTree

from harness import CLIENT
from transcript import ROSTER, SUBSCRIPTION, bare, canonical, kind_of, parse, prepared, returned


class Expectation:
    """What each stream, each time that it is open, and each guest is to receive: elements, and ("close", CONDITION)."""

    def __init__(self, transcript):
        self.transcript = transcript
        self.streams = {}  # name: a list for each time that it is open
        self.guests = {jid: [] for jid in transcript.guests}
        self.of_the_server = set()  # what is not an answer of the library; the two may overtake one another
        self.features = {}  # name: of each time that it is open
        self.accounts = {words[1]: prepared(words[2]) for words in transcript.commands if words[0] == "open"}  # of streams
        self.holders = {}  # full JID: stream
        self.available = {}  # full JID: its last presence; only where the transcript has no session layer of its own
        self.asking = set()  # guests that somebody asked for a subscription
        self.speaking = {bare(stanza.get("from")) for stanza in transcript.delivered()}
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
        self.streams[name][-1].append(canonical(stanza, self.accounts[name], self.guests))

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
        if self.available.pop(jid, None) is None:
            return
        gone = ElementTree.Element(CLIENT + "presence", {"type": "unavailable", "from": jid})
        for other in self.available:
            if bare(other) == bare(jid):
                self._to(other, gone)

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
            self.of_the_server.add(canonical(stanza, bare(stanza.get("from")), self.guests))
            self._arrives(stanza)
        else:
            self._for_the_host(stanza)

    def _at_a_guest(self, stanza):
        kind, type_, to = kind_of(stanza), stanza.get("type"), stanza.get("to")
        if kind == "presence" and type_ in SUBSCRIPTION and bare(to) not in self.speaking:
            self._asks(stanza)
        elif "/" in to or (kind == "presence" and type_ != "probe"):
            self._arrives(stanza)
        elif kind == "iq" or type_ == "groupchat":
            self._returns(stanza, to)
        elif kind == "message" and type_ != "error":
            self._arrives(stanza)

    def _asks(self, stanza):
        """A guest who never answers hears of a request, and that it is withdrawn (RFC 6121 A.3)."""
        type_, asks = stanza.get("type"), (stanza.get("to"), stanza.get("from")) in self.asking
        if type_ == ("unsubscribe" if asks else "subscribe"):
            self.asking ^= {(stanza.get("to"), stanza.get("from"))}
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
        others = {jid: last for jid, last in self.available.items() if bare(jid) == bare(sender) and jid != sender}
        before = self.available.pop(sender, None)
        if presence.get("type") is None:
            self.available[sender] = presence
        elif before is None:
            return
        for jid in (*others, sender):
            self._to(jid, presence)
        if before is None:
            for last in others.values():
                self._to(sender, last)

    def _to(self, jid, presence):
        addressed = copy.deepcopy(presence)
        addressed.set("to", jid)
        self._arrives(addressed)
