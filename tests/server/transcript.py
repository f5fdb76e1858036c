"""The transcripts of tests/transcripts: what is to be done, for whom there are accounts; and stanzas as values."""

import copy
import pathlib
import re
import subprocess
import xml.etree.ElementTree as ElementTree

from harness import CLIENT, STANZA_ERRORS

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "transcripts"
STREAM = "<stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"
RULE = re.compile(r"\b[A-Z]+-[0-9]+\b")
ROSTER = "{jabber:iq:roster}"
SUBSCRIPTION = ("subscribe", "subscribed", "unsubscribe", "unsubscribed")
STANZAS = (CLIENT + "message", CLIENT + "presence", CLIENT + "iq")


def written_rules():
    """All that RULES.md mentions."""
    return set(RULE.findall((FOLDER.parent / "RULES.md").read_text(encoding="utf-8")))


def bare(jid):
    """The JID without its resource."""
    return jid.partition("/")[0]


def prepared(jid):
    """A bare JID as the library prepares those of the transcripts."""
    return jid.rstrip(".").lower()


def parse(text):
    """A stanza as it stands on a stream, where what has no namespace is in jabber:client; None: it is not well-formed."""
    try:
        stream = ElementTree.fromstring(f"{STREAM}{text}</stream>")
    except ElementTree.ParseError:
        return None
    return stream[0] if len(stream) == 1 and not (stream.text or stream[0].tail or "").strip() else None


def kind_of(stanza):
    """message, presence or iq."""
    return stanza.tag.removeprefix(CLIENT)


def canonical(element, account=None, guests=()):
    """An element as a value: attributes in no order, text exact, what is random by its name, guests by their bare JID.

    An answer to an account may name that as its sender, or none (SESS-4).
    """

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
        arguments = base.with_name(base.name + ".args")
        words = arguments.read_text().split() if arguments.exists() else []
        self.options = [word for word in words if word != "--set"]
        self.rules = set()  # that it says it is for
        self.commands = []
        self.im = False
        for line in self.text(base, ".in").split("\n"):
            self._command(line)
        self.output = [line.split(" ") for line in self.text(base, ".out").split("\n") if line]
        self.accounts = {prepared(command[2]): command[2] for command in self.commands if command[0] == "open"}
        self.guests = {}  # the resources of each
        for jid in self._elsewhere():
            resource = jid.partition("/")[2]
            resources = self.guests.setdefault(bare(jid), [])
            if resource and resource not in resources:
                resources.append(resource)

    @staticmethod
    def text(base, suffix):
        """A file, or what the script in its place prints."""
        path = base.with_name(base.name + suffix)
        if path.exists():
            return path.read_text(encoding="utf-8")
        return subprocess.run(["sh", f"{path}.sh"], stdout=subprocess.PIPE, check=True).stdout.decode()

    def _command(self, line):
        words = line.split(" ")
        if line.startswith("#"):
            self.rules |= set(RULE.findall(line))
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
        """Whether what the console is told to deliver from elsewhere can come of a client.

        It cannot when a domain says it itself, or somebody in the name of an account here, or when a client's own server
        refuses it or gives it another address (RFC 6121 3.1.2, 4.7.1).
        """
        if bare(stanza.get("from")) not in self.guests:
            return False
        if kind_of(stanza) != "presence" or stanza.get("type") is None:
            return True
        type_ = stanza.get("type")
        return type_ in ("unavailable", "probe", "error") or type_ in SUBSCRIPTION and "/" not in stanza.get("to")

    def delivered(self):
        """What comes from elsewhere."""
        return [parse(command[1]) for command in self.commands if command[0] == "deliver"]

    def unsent(self):
        """What of that does not come here."""
        return [stanza for stanza in self.delivered() if not self.can_be_sent(stanza)]

    def domains(self):
        """Those that the server serves."""
        return list(dict.fromkeys(jid.partition("@")[2] for jid in (*self.accounts, *self.guests)))

    def uses(self, *verbs):
        """Whether one of these commands occurs."""
        return any(command[0] in verbs for command in self.commands)


def transcripts(areas):
    """All of the areas, by name."""
    for area in areas:
        names = {path.name.split(".")[0] for path in (FOLDER / area).iterdir()}
        for name in sorted(names):
            yield FOLDER / area / name
