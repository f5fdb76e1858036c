"""Accounts that are made and removed in-band (XEP-0077), and their clients: no test finds anything of another."""

import itertools

from harness import Stream, condition_of, text_of

PASSWORD = "secret"
numbers = itertools.count(1)


class World:
    """What a test makes is gone behind it: with World(port) as world: ..."""

    def __init__(self, port):
        self.port = port
        self.accounts = []
        self.streams = []

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        for stream in self.streams:
            stream.drop()
        while self.accounts:
            self.remove(self.accounts[-1])

    @staticmethod
    def name():
        """One that nobody has had."""
        return f"user{next(numbers)}"

    def account(self):
        """A new one; its bare JID."""
        stream = Stream(self.port)
        features = stream.open()
        assert features.find("{http://jabber.org/features/iq-register}register") is not None, text_of(features)
        name = self.name()
        answer = ask(stream, "set", "jabber:iq:register", f"<username>{name}</username><password>{PASSWORD}</password>")
        assert answer.get("type") == "result", text_of(answer)
        stream.close()
        self.accounts.append(f"{name}@{stream.domain}")
        return self.accounts[-1]

    def remove(self, account):
        """It says so itself."""
        stream = Stream(self.port).login(account.partition("@")[0], PASSWORD)
        stream.bind("end")
        answer = ask(stream, "set", "jabber:iq:register", "<remove/>", stream.domain)
        assert answer.get("type") == "result", text_of(answer)
        self.accounts.remove(account)
        assert condition_of(stream.read()) == "not-authorized"
        stream.drop()

    def client(self, account, resource, priority=None, roster=False):
        """A resource of the account: available when it has a priority, interested when it asks for the roster."""
        stream = Stream(self.port).login(account.partition("@")[0], PASSWORD)
        self.streams.append(stream)
        stream.account = account
        stream.jid = stream.bind(resource)
        assert stream.jid == f"{account}/{resource}", stream.jid
        if roster:
            assert ask(stream, "get", "jabber:iq:roster").get("type") == "result"
        if priority is not None:
            stream.send(f"<presence><priority>{priority}</priority></presence>")
        stream.settle()
        return stream

    def clients(self, account, priorities):
        """A resource for each of the priorities (None: connected only); what they say to one another has been read."""
        streams = [self.client(account, f"r{number}", priority) for number, priority in enumerate(priorities)]
        for stream in streams:
            stream.settle()
        return streams


identifiers = itertools.count(1)


def ask(stream, type_, namespace, content="", to=None, attributes=""):
    """An IQ, and its answer."""
    identifier = f"ask-{next(identifiers)}"
    address = "" if to is None else f" to='{to}'"
    query = f"<query xmlns='{namespace}'{attributes}>{content}</query>"
    stream.send(f"<iq type='{type_}' id='{identifier}'{address}>{query}</iq>")
    return stream.read_until(lambda element: element.get("id") == identifier)


def send(stream, stanza):
    """Sent, and dealt with: what the sender itself has heard meanwhile.

    Twice, as what the server answers for somebody else may come behind what it answers itself.
    """
    stream.send(stanza)
    return stream.settle() + stream.settle()


def said(elements):
    """What came, for the message of an assertion."""
    return "; ".join(text_of(element) for element in elements) or "nothing"


def hears_nothing(*streams):
    """No client has received anything."""
    for stream in streams:
        elements = stream.settle()
        assert not elements, said(elements)


def hears(stream, kind, **attributes):
    """The client has received one stanza, with these attributes (None: not that one)."""
    elements = stream.settle()
    assert len(elements) == 1, said(elements)
    is_like(elements[0], kind, **attributes)
    return elements[0]


def is_like(element, kind, **attributes):
    """Of this kind, with these attributes; a keyword that is none in Python has a line behind it."""
    assert element.tag == "{jabber:client}" + kind, text_of(element)
    for name, value in attributes.items():
        assert element.get(name.rstrip("_")) == value, f"{name} {value}: {text_of(element)}"


def is_error(elements, condition):
    """The one answer is this error."""
    assert len(elements) == 1 and elements[0].get("type") == "error", said(elements)
    assert condition_of(elements[0]) == condition, said(elements)
    return elements[0]
