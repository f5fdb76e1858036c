"""RFC 6121 section 8.5: what arrives at an account of this server, by the sentences that say what a server MUST do.

Where they leave a choice, what is expected is what RULES.md says (DLV-1 to DLV-3). A function for each group of tests: it
yields names, functions and their arguments.
"""

import time
import xml.etree.ElementTree as ElementTree

from world import hears, hears_nothing, is_error, is_like, send

# Of the account a stanza is for: the priorities of its resources; None: connected, not available.
AVAILABLE = [(0,), (5,), (0, 0), (1, 5), (0, -1), (5, 1, -1), (0, None), (-1,), (-1, -5), (-1, None)]
NOBODY = [(), (None,)]
TYPES = (None, "normal", "chat", "groupchat", "headline", "error")
UNAVAILABLE = "service-unavailable"
KNOWN = (("ping", "urn:xmpp:ping"), ("query", "http://jabber.org/protocol/disco#info"), ("query", "jabber:iq:last"))
ERROR = "<error type='cancel'><gone xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error>"


def message(type_, to):
    """A message of a type, or of none."""
    attribute = "" if type_ is None else f" type='{type_}'"
    return f"<message{attribute} id='m' to='{to}'><body>hi</body>{ERROR if type_ == 'error' else ''}</message>"


def presence(type_, to):
    """Presence of a type, or of none."""
    return f"<presence id='p' to='{to}'" + ("/>" if type_ is None else f" type='{type_}'/>")


def iq(type_, to, content="<query xmlns='urn:example:unknown'/>"):
    """An IQ whose namespace nobody knows."""
    return f"<iq type='{type_}' id='i' to='{to}'>{ERROR if type_ == 'error' else content}</iq>"


def receivers(type_, priorities):
    """The numbers of the resources that a message to the bare JID is for."""
    able = [number for number, priority in enumerate(priorities) if priority is not None and priority >= 0]
    best = max((priorities[number] for number in able), default=None)
    if type_ in (None, "normal", "chat"):
        return [number for number in able if priorities[number] == best]
    return able if type_ == "headline" else []


def describe(priorities):
    """For the name of a test."""
    words = ["connected" if priority is None else str(priority) for priority in priorities]
    return f"resources: {' '.join(words) or 'none'}"


# --- 8.5.1 ---


def no_such_account(world, stanza, condition):
    """It comes back, or nothing happens (condition None)."""
    sender = world.client(world.account(), "r", 0)
    answers = send(sender, stanza)
    if condition is None:
        assert not answers, [answer.attrib for answer in answers]
    else:
        sent = ElementTree.fromstring(stanza)
        is_like(is_error(answers, condition), sent.tag, id=sent.get("id"), from_=sent.get("to"), to=sender.jid)


def section_8_5_1():
    """No such account."""
    for form, to in (("bare", "nobody@capulet.example"), ("full", "nobody@capulet.example/r")):
        where = f"a {form} JID without an account"
        for type_ in ("get", "set"):
            yield f"8.5.1 IQ {type_} to {where}: {UNAVAILABLE}", no_such_account, (iq(type_, to), UNAVAILABLE)
        for type_ in ("result", "error"):
            yield f"8.5.1 IQ {type_} to {where}: nothing", no_such_account, (iq(type_, to), None)
        for type_ in TYPES:
            condition = UNAVAILABLE if type_ in (None, "normal", "chat") else None
            yield f"8.5.1 message {type_} to {where}: {condition}", no_such_account, (message(type_, to), condition)
        for type_ in (None, "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed", "probe"):
            yield f"8.5.1 presence {type_} to {where}: nothing", no_such_account, (presence(type_, to), None)


# --- 8.5.2: to the bare JID ---


def message_to_bare(world, type_, priorities):
    """It reaches those it is for, with its 'to'; groupchat comes back, and what is for somebody when nobody is there."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    answers = send(sender, message(type_, account))
    wanted = receivers(type_, priorities)
    for number, stream in enumerate(streams):
        if number in wanted:
            hears(stream, "message", type_=type_, id="m", to=account, from_=sender.jid)
        else:
            hears_nothing(stream)
    if type_ == "groupchat" or (type_ in (None, "normal", "chat") and not wanted):
        is_like(is_error(answers, UNAVAILABLE), "message", id="m", to=sender.jid, from_=account)
    else:
        assert not answers, [answer.attrib for answer in answers]


def presence_to_bare(world, type_, priorities):
    """It reaches all that are available, with its 'to'."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    assert not send(sender, presence(type_, account))
    for stream, priority in zip(streams, priorities):
        if priority is None:
            hears_nothing(stream)
        else:
            hears(stream, "presence", type_=type_, id="p", to=account, from_=sender.jid)


def iq_to_bare(world, type_, priorities):
    """The server answers for the account; no resource sees it."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    answers = send(sender, iq(type_, account))
    if type_ in ("get", "set"):
        is_like(is_error(answers, UNAVAILABLE), "iq", id="i", to=sender.jid, from_=account)
    else:
        assert not answers, [answer.attrib for answer in answers]
    hears_nothing(*streams)


def known_iq_to_bare(world, namespace, element, priorities):
    """A namespace that has an answer which the server can give: a result or an error, and no resource sees it."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    answers = send(sender, iq("get", account, f"<{element} xmlns='{namespace}'/>"))
    assert len(answers) == 1 and answers[0].get("type") in ("result", "error"), len(answers)
    is_like(answers[0], "iq", id="i", to=sender.jid, from_=account)
    hears_nothing(*streams)


def at_once(world, stanza, type_, count=20, seconds=10):
    """What the server answers in the place of an account comes at once, not when something else happens next."""
    account = world.account()
    sender = world.client(world.account(), "sender")
    start = time.monotonic()
    for _ in range(count):
        sender.send(stanza(type_, account))
        assert sender.read().get("type") == "error"
    taken = time.monotonic() - start
    assert taken < seconds, f"{count} answers took {taken:.1f} seconds"


def section_8_5_2():
    """To the bare JID."""
    yield "8.5.2.2.1 messages to a bare JID, nobody there: each comes back at once", at_once, (message, "chat")
    yield "8.5.2.2.3 IQs to a bare JID, nobody there: each is answered at once", at_once, (iq, "get")
    for priorities in AVAILABLE + NOBODY:
        section, where = "8.5.2.1" if priorities in AVAILABLE else "8.5.2.2", describe(priorities)
        for type_ in TYPES:
            yield f"{section}.1 message {type_} to a bare JID, {where}", message_to_bare, (type_, priorities)
        for type_ in (None, "unavailable"):
            yield f"{section}.2 presence {type_} to a bare JID, {where}", presence_to_bare, (type_, priorities)
        for type_ in ("get", "set", "result", "error"):
            yield f"{section}.3 IQ {type_} to a bare JID, {where}", iq_to_bare, (type_, priorities)
        for element, name in KNOWN:
            yield f"{section}.3 IQ with {name} to a bare JID, {where}", known_iq_to_bare, (name, element, priorities)


# --- 8.5.3: to a full JID ---


def to_that_resource(world, stanza, type_, priority):
    """It reaches the resource, whether that is available or not, and no other."""
    account = world.account()
    stream, other = world.clients(account, (priority, 10))
    stream.settle()
    sender = world.client(world.account(), "sender")
    text = stanza(type_, stream.jid)
    assert not send(sender, text)
    sent = ElementTree.fromstring(text)
    hears(stream, sent.tag, id=sent.get("id"), type_=type_, to=stream.jid, from_=sender.jid)
    hears_nothing(other)


def message_to_another(world, type_, priorities):
    """To a resource that is not there: chat as to the bare JID, with its 'to'; normal and groupchat come back."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    to = f"{account}/gone"
    answers = send(sender, message(type_, to))
    wanted = receivers("chat", priorities) if type_ == "chat" else []
    for number, stream in enumerate(streams):
        if number in wanted:
            hears(stream, "message", type_="chat", id="m", to=to, from_=sender.jid)
        else:
            hears_nothing(stream)
    if type_ not in ("headline", "error") and not wanted:
        is_like(is_error(answers, UNAVAILABLE), "message", id="m", to=sender.jid, from_=to)
    else:
        assert not answers, [answer.attrib for answer in answers]


def presence_to_another(world, type_, priorities):
    """It vanishes."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    assert not send(sender, presence(type_, f"{account}/gone"))
    hears_nothing(*streams)


def iq_to_another(world, type_, priorities):
    """It comes back, unless it is an answer itself."""
    account = world.account()
    streams = world.clients(account, priorities)
    sender = world.client(world.account(), "sender")
    answers = send(sender, iq(type_, f"{account}/gone"))
    if type_ in ("get", "set"):
        is_like(is_error(answers, UNAVAILABLE), "iq", id="i", to=sender.jid, from_=f"{account}/gone")
    else:
        assert not answers, [answer.attrib for answer in answers]
    hears_nothing(*streams)


def section_8_5_3():
    """To a full JID."""
    for priority in (0, -1, None):
        where = "connected" if priority is None else f"priority {priority}"
        for type_ in TYPES:
            yield f"8.5.3.1 message {type_} to a full JID, {where}", to_that_resource, (message, type_, priority)
        for type_ in (None, "unavailable"):
            yield f"8.5.3.1 presence {type_} to a full JID, {where}", to_that_resource, (presence, type_, priority)
        for type_ in ("get", "set", "result", "error"):
            yield f"8.5.3.1 IQ {type_} to a full JID, {where}", to_that_resource, (iq, type_, priority)
    for priorities in AVAILABLE + NOBODY:
        where = f"a full JID that is not there, {describe(priorities)}"
        for type_ in TYPES:
            yield f"8.5.3.2.1 message {type_} to {where}", message_to_another, (type_, priorities)
        for type_ in (None, "unavailable", "subscribed", "unsubscribe", "unsubscribed"):
            yield f"8.5.3.2.2 presence {type_} to {where}", presence_to_another, (type_, priorities)
        for type_ in ("get", "set", "result", "error"):
            yield f"8.5.3.2.3 IQ {type_} to {where}", iq_to_another, (type_, priorities)


def tests():
    """All of them."""
    for section in (section_8_5_1, section_8_5_2, section_8_5_3):
        for name, function, arguments in section():
            yield f"RFC 6121 {name}", function, arguments
