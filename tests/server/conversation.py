"""Random conversations: transcripts of three accounts, under random options, in which anything may follow anything."""

import random

ACCOUNTS = ("juliet@capulet.example", "romeo@capulet.example", "nurse@montague.example")
RESOURCES = ("balcony", "chamber", "garden", "orchard", "Balcony", "balcón")
OPTIONS = {
    "missing-from": ("stamp", "reject"),
    "unbound-from": ("reject", "stamp"),
    "foreign-from": ("close", "override"),
    "conflict": ("replace", "reject", "rename"),
    "empty-resource": ("refuse", "generate"),
    "max-bind-failures": ("2", "0"),
    "max-resources-per-stream": ("1", "2"),
    "max-resources-per-account": ("2", "3"),
    "account-limit": ("refuse", "evict-oldest"),
    "unbind": ("on", "off"),
    "deliver-to": ("keep", "resource"),
    "roster-scope": ("account", "resource"),
    "max-roster-items": ("2",),
    "max-directed-presence": ("1",),
}
BIND = "urn:ietf:params:xml:ns:xmpp-bind"
ROSTER = "jabber:iq:roster"


class Conversation:
    """One of them, as lines for the console; the same seed makes the same one."""

    def __init__(self, seed, length):
        self.random = random.Random(seed)
        self.lines = []
        self.streams = {}  # name: account; of those that the client has not closed
        self.opened = 0
        for name, values in OPTIONS.items():
            if self.chance(0.25):
                self.lines.append(f"set {name} {self.one_of(values)}")
        self.lines.append("im on")
        for account in ACCOUNTS:
            self.open(account)
        for number in range(length):
            self.step(f"i{number}")

    def text(self):
        """The input of the console."""
        return "\n".join(self.lines) + "\n"

    def chance(self, probability):
        """Whether something happens."""
        return self.random.random() < probability

    def one_of(self, values):
        """Any."""
        return self.random.choice(values)

    def say(self, name, stanza):
        """On a stream."""
        self.lines.append(f"{name}: {stanza}")

    def open(self, account):
        """A stream, on which nearly always a resource is bound first."""
        name = f"S{self.opened}"
        self.opened += 1
        self.streams[name] = account
        self.lines.append(f"open {name} {account}")
        if self.chance(0.9):
            self.bind(name, "", "bind")

    def somebody(self):
        """A bare or full JID."""
        account = self.one_of(ACCOUNTS)
        return account if self.chance(0.5) else f"{account}/{self.one_of(RESOURCES)}"

    def sender(self, account):
        """A 'from', nearly always of the account itself."""
        jid = account if self.chance(0.1) else f"{account}/{self.one_of(RESOURCES)}"
        if self.chance(0.01):
            jid = self.one_of(("", "@", "capulet.example", self.somebody()))
        return "" if self.chance(0.45) else f" from='{jid}'"

    def step(self, identifier):
        """Something happens."""
        if self.chance(0.06):
            self.open(self.one_of(ACCOUNTS))
            return
        name = self.one_of(list(self.streams))
        if self.chance(0.02) and len(self.streams) > 2:
            del self.streams[name]
            self.lines.append(f"close {name}")
            return
        kinds = (self.bind, self.unbind, self.message, self.presence, self.directed, self.subscription, self.roster, self.iq)
        kind = self.random.choices(kinds, (20, 9, 18, 15, 4, 11, 14, 4))[0]
        kind(name, self.sender(self.streams[name]), identifier)

    def bind(self, name, sender, identifier):
        """A request, seldom a bad one."""
        type_ = "get" if self.chance(0.05) else "set"
        resource = f"<resource>{self.one_of(RESOURCES)}</resource>"
        if self.chance(0.15):
            resource = self.one_of(("", "<resource/>", resource * 2))
        self.say(name, f"<iq type='{type_}' id='{identifier}'{sender}><bind xmlns='{BIND}'>{resource}</bind></iq>")

    def unbind(self, name, sender, identifier):
        """A request."""
        resource = f"<resource>{self.one_of(RESOURCES)}</resource>"
        self.say(name, f"<iq type='set' id='{identifier}'{sender}><unbind xmlns='{BIND}'>{resource}</unbind></iq>")

    def message(self, name, sender, identifier):
        """Of any type."""
        type_ = self.one_of(("", *(f" type='{type_}'" for type_ in ("normal", "chat", "headline", "groupchat", "error"))))
        to = "" if self.chance(0.1) else f" to='{self.somebody()}'"
        self.say(name, f"<message{type_} id='{identifier}'{to}{sender}><body>hi</body></message>")

    def presence(self, name, sender, _):
        """To everybody."""
        type_ = " type='unavailable'" if self.chance(0.15) else ""
        content = self.one_of(("", "<show>away</show>", f"<priority>{self.random.randint(-3, 5)}</priority>"))
        self.say(name, f"<presence{type_}{sender}>{content}</presence>")

    def directed(self, name, sender, _):
        """Presence to somebody."""
        type_ = self.one_of(("", " type='unavailable'", " type='probe'"))
        self.say(name, f"<presence{type_} to='{self.somebody()}'{sender}/>")

    def subscription(self, name, sender, _):
        """Any of the four."""
        type_ = self.one_of(("subscribe", "subscribed", "subscribe", "subscribed", "unsubscribe", "unsubscribed"))
        self.say(name, f"<presence type='{type_}' to='{self.one_of(ACCOUNTS)}'{sender}/>")

    def roster(self, name, sender, identifier):
        """Asked for, or a contact is changed or removed."""
        if self.chance(0.5):
            self.say(name, f"<iq type='get' id='{identifier}'{sender}><query xmlns='{ROSTER}'/></iq>")
            return
        group = "<group>g</group>" if self.chance(0.5) else ""
        subscription = " subscription='remove'" if self.chance(0.3) else ""
        item = f"<item jid='{self.one_of(ACCOUNTS)}'{subscription}>{group}</item>"
        self.say(name, f"<iq type='set' id='{identifier}'{sender}><query xmlns='{ROSTER}'>{item}</query></iq>")

    def iq(self, name, sender, identifier):
        """Of a namespace that nobody knows."""
        type_ = self.one_of(("get", "set", "result", "error"))
        to = "" if self.chance(0.2) else f" to='{self.somebody()}'"
        self.say(name, f"<iq type='{type_}' id='{identifier}'{to}{sender}><query xmlns='jabber:iq:version'/></iq>")
