"""RFC 6121 section 2: rosters, by the sentences that say what a server MUST do."""

from harness import condition_of, text_of
from world import ask, hears_nothing, is_like, said

ROSTER = "jabber:iq:roster"
QUERY = "{jabber:iq:roster}query"
ITEM = "{jabber:iq:roster}item"
GROUP = "{jabber:iq:roster}group"

# Of the account: the priority of each of its resources (None: connected only), and whether that has asked for the roster.
INTERESTED = [
    ((None, True),),
    ((0, True),),
    ((0, True), (0, True)),
    ((0, True), (0, False)),
    ((0, True), (None, True), (-1, True), (None, False)),
]


def contact(jid, name=None, groups=(), subscription=None):
    """An item of a roster set."""
    attributes = "" if name is None else f" name='{name}'"
    attributes += "" if subscription is None else f" subscription='{subscription}'"
    return f"<item jid='{jid}'{attributes}>{''.join(f'<group>{group}</group>' for group in groups)}</item>"


def set_roster(client, content):
    """A roster set, and its answer; pushes that come before it are dropped."""
    return ask(client, "set", ROSTER, content)


def items(element):
    """What a roster or a push says of each contact: JID, name, groups, subscription."""
    query = element.find(QUERY)
    found = [] if query is None else query.findall(ITEM)
    return {
        item.get("jid"): (item.get("name"), sorted(group.text for group in item.findall(GROUP)), item.get("subscription"))
        for item in found
    }


def roster(client):
    """The roster as the server has it."""
    return items(ask(client, "get", ROSTER))


def pushes(client):
    """The pushes that have come; nothing else has."""
    elements = client.settle()
    for element in elements:
        assert element.get("type") == "set" and element.find(QUERY) is not None, said(elements)
        assert element.get("to") == client.jid and element.get("from") in (None, client.account), text_of(element)
        assert len(element.find(QUERY)) == 1 and element.get("id"), text_of(element)
    return elements


def clients(world, states):
    """The resources of a new account."""
    account = world.account()
    streams = [world.client(account, f"r{number}", *state) for number, state in enumerate(states)]
    for stream in streams:
        stream.settle()
    return streams


def interested(world):
    """The one resource of a new account, which has asked for the roster."""
    return world.client(world.account(), "r", roster=True)


# --- 2.1.5, 2.3, 2.4: roster sets ---


def subscription_is_ignored(world, value):
    """A client cannot give itself a subscription."""
    client = interested(world)
    assert set_roster(client, contact("a@other.example", subscription=value)).get("type") == "result"
    assert roster(client) == {"a@other.example": (None, [], "none")}


def forbidden(world, before):
    """Nobody sets somebody else's roster."""
    client, stranger = interested(world), interested(world)
    if before:
        set_roster(client, contact("a@other.example", "Before"))
        client.settle()
    expected = roster(client)
    answer = ask(stranger, "set", ROSTER, contact("a@other.example", "After"), client.account)
    assert condition_of(answer) == "forbidden", text_of(answer)
    assert answer.get("from") == client.account, text_of(answer)
    hears_nothing(client)
    assert roster(client) == expected


def result(world, states, before):
    """The resource that sent the set gets a result, with its id."""
    client = clients(world, states)[0]
    if before:
        set_roster(client, contact("a@other.example"))
    answer = set_roster(client, contact("a@other.example", "A", ["g"]))
    assert answer.get("type") == "result" and len(answer) == 0 and answer.get("to") in (None, client.jid), text_of(answer)


def push(world, states, before):
    """All interested resources get a push, the sender among them; the others get none."""
    streams = clients(world, states)
    if before:
        set_roster(streams[0], contact("a@other.example"))
        for stream in streams:
            stream.settle()
    streams[0].send(f"<iq type='set' id='set'><query xmlns='{ROSTER}'>{contact('a@other.example', 'A', ['g'])}</query></iq>")
    identifiers = set()
    for number, (stream, state) in enumerate(zip(streams, states)):
        elements = stream.settle()
        if number == 0:
            elements = [element for element in elements if element.get("id") != "set"]
        assert len(elements) == state[1], said(elements)
        for element in elements:
            assert element.get("to") == stream.jid and element.get("type") == "set", text_of(element)
            assert items(element) == {"a@other.example": ("A", ["g"], "none")}, text_of(element)
            identifiers.add(element.get("id"))
    assert len(identifiers) == sum(state[1] for state in states)


REFUSED = {
    "two items": (contact("a@other.example", "New") + contact("b@other.example"), "bad-request"),
    "no item": ("", "bad-request"),
    "a group twice": (contact("a@other.example", "New", ["g", "g"]), "bad-request"),
    "an empty group": (contact("a@other.example", "New", [""]), "not-acceptable"),
    "too long a name": (contact("a@other.example", "n" * 1024), "not-acceptable"),
}


def refused(world, content, condition, before):
    """It changes nothing, and nobody hears of it."""
    client = interested(world)
    if before:
        set_roster(client, contact("a@other.example", "Old", ["g"]))
        client.settle()
    expected = roster(client)
    answer = set_roster(client, content)
    assert condition_of(answer) == condition, text_of(answer)
    hears_nothing(client)
    assert roster(client) == expected


UPDATES = {
    "a group is added": (("A", ["g"]), ("A", ["g", "h"])),
    "the first group is added": (("A", []), ("A", ["g"])),
    "a group is deleted": (("A", ["g", "h"]), ("A", ["h"])),
    "all groups are deleted": (("A", ["g", "h"]), ("A", [])),
    "the handle is changed": (("A", ["g"]), ("B", ["g"])),
    "the handle is deleted": (("A", ["g"]), (None, ["g"])),
}


def update(world, before, after):
    """The item is as the set says."""
    client = interested(world)
    set_roster(client, contact("a@other.example", *before))
    client.settle()
    assert set_roster(client, contact("a@other.example", *after)).get("type") == "result"
    assert [items(element) for element in pushes(client)] == [{"a@other.example": (*after, "none")}]
    assert roster(client) == {"a@other.example": (*after, "none")}


# --- 2.5: removing ---


def subscribe(user, other):
    """The user sees the presence of the other, whom both have as available clients."""
    user.send(f"<presence type='subscribe' to='{other.account}'/>")
    user.settle()
    other.send(f"<presence type='subscribed' to='{user.account}'/>")
    other.settle()
    user.settle()


def removed(world, states):
    """A result for the sender, and a push to all interested."""
    streams = clients(world, states)
    set_roster(streams[0], contact("a@other.example"))
    for stream in streams:
        stream.settle()
    assert set_roster(streams[0], contact("a@other.example", subscription="remove")).get("type") == "result"
    for stream, state in zip(streams, states):
        expected = [{"a@other.example": (None, [], "remove")}] if state[1] else []
        assert [items(element) for element in pushes(stream)] == expected
    assert roster(streams[0]) == {}


def removed_subscriptions(world, to, from_):
    """The contact is told: unsubscribe ends the user's subscription, unsubscribed the contact's; both are gone then."""
    user = world.client(world.account(), "r", 0, roster=True)
    other = world.client(world.account(), "r", 0, roster=True)
    if to:
        subscribe(user, other)
    if from_:
        subscribe(other, user)
    user.settle()
    other.settle()
    set_roster(user, contact(other.account, subscription="remove"))
    elements = [element for element in other.settle() if element.get("type") in ("unsubscribe", "unsubscribed")]
    expected = [type_ for type_, due in (("unsubscribe", to), ("unsubscribed", from_)) if due]
    assert sorted(element.get("type") for element in elements) == expected, said(elements)
    for element in elements:
        is_like(element, "presence", from_=user.account, to=other.account)
    assert roster(user) == {}
    assert [state for _, _, state in roster(other).values()] == ["none"]


def not_there(world, content):
    """Nothing can be removed that is not there."""
    client = interested(world)
    if content:
        set_roster(client, content)
        client.settle()
    answer = set_roster(client, contact("nobody@other.example", subscription="remove"))
    assert condition_of(answer) == "item-not-found", text_of(answer)
    hears_nothing(client)


# --- 2.6: versions ---


def version(element):
    """The version a roster or a push has."""
    return element.find(QUERY).get("ver")


def bootstrap(world):
    """With an empty version the whole roster comes, and has one."""
    client = interested(world)
    set_roster(client, contact("a@other.example"))
    answer = ask(client, "get", ROSTER, attributes=" ver=''")
    assert version(answer) and items(answer) == {"a@other.example": (None, [], "none")}, text_of(answer)


def without(world):
    """Without a version the whole roster comes."""
    client = interested(world)
    set_roster(client, contact("a@other.example"))
    answer = ask(client, "get", ROSTER)
    assert items(answer) == {"a@other.example": (None, [], "none")}, text_of(answer)


def again(world, client):
    """The client has gone and has come back."""
    client.drop()
    return world.client(client.account, "again")


def offered(world):
    """The feature says that versions are understood."""
    assert interested(world).features.find("{urn:xmpp:features:rosterver}ver") is not None


def unchanged(world):
    """The version is current: an empty result, and no push."""
    client = interested(world)
    set_roster(client, contact("a@other.example"))
    known = version(ask(client, "get", ROSTER, attributes=" ver=''"))
    client = again(world, client)
    answer = ask(client, "get", ROSTER, attributes=f" ver='{known}'")
    assert answer.get("type") == "result" and len(answer) == 0, text_of(answer)
    hears_nothing(client)


def changed(world, changes, expected):
    """The version is older: an empty result, and a push for each contact that changed, in the order of the last changes."""
    client = interested(world)
    for name in "abc":
        set_roster(client, contact(f"{name}@other.example"))
    known = version(ask(client, "get", ROSTER, attributes=" ver=''"))
    for change in changes:
        assert set_roster(client, change).get("type") == "result"
    client = again(world, client)
    answer = ask(client, "get", ROSTER, attributes=f" ver='{known}'")
    assert answer.get("type") == "result" and len(answer) == 0, text_of(answer)
    came = pushes(client)
    assert [items(element) for element in came] == expected, said(came)
    versions = [int(version(element)) for element in came]
    assert versions == sorted(set(versions)), versions
    last = ask(client, "get", ROSTER, attributes=f" ver='{versions[-1]}'")
    assert len(last) == 0, text_of(last)


def unknown(world, known):
    """A version that the server does not know: the whole roster."""
    client = interested(world)
    set_roster(client, contact("a@other.example"))
    answer = ask(client, "get", ROSTER, attributes=f" ver='{known}'")
    assert version(answer) and items(answer) == {"a@other.example": (None, [], "none")}, text_of(answer)


def unique(world, number):
    """Each push has a version, and each another one."""
    client = interested(world)
    for name in range(number):
        set_roster(client, contact(f"a{name % 3}@other.example", f"n{name}"))
    seen = [version(ask(client, "get", ROSTER, attributes=" ver=''"))]
    for name in range(number):
        item = contact(f"a{name % 3}@other.example", f"m{name}")
        client.send(f"<iq type='set' id='s{name}'><query xmlns='{ROSTER}'>{item}</query></iq>")
        seen += [version(element) for element in client.settle() if element.get("type") == "set"]
    assert len(seen) == number + 1 and all(seen) and len(set(seen)) == len(seen), seen


CHANGES = {
    "one contact": ([contact("b@other.example", "B")], [{"b@other.example": ("B", [], "none")}]),
    "one contact, twice": (
        [contact("b@other.example", "B"), contact("b@other.example", "C")],
        [{"b@other.example": ("C", [], "none")}],
    ),
    "two contacts": (
        [contact("c@other.example", "C"), contact("a@other.example", "A")],
        [{"c@other.example": ("C", [], "none")}, {"a@other.example": ("A", [], "none")}],
    ),
    "two contacts, the first again": (
        [contact("c@other.example", "C"), contact("a@other.example", "A"), contact("c@other.example", "D")],
        [{"a@other.example": ("A", [], "none")}, {"c@other.example": ("D", [], "none")}],
    ),
    "one removed, one new": (
        [contact("a@other.example", subscription="remove"), contact("d@other.example")],
        [{"a@other.example": (None, [], "remove")}, {"d@other.example": (None, [], "none")}],
    ),
}


def described(states):
    """For the name of a test."""
    words = []
    for priority, has_roster in states:
        words.append("connected" if priority is None else f"priority {priority}")
        words[-1] += " interested" if has_roster else ""
    return "resources: " + ", ".join(words)


def section_2_3_and_2_4():
    """Contacts are added and updated; the errors of 2.3.3 are those of 2.4.3 too."""
    for value in ("none", "to", "from", "both", "nonsense"):
        yield f"2.1.5 subscription '{value}' in a roster set is ignored", subscription_is_ignored, (value,)
    yield "2.1.5 a roster set from another account: forbidden", forbidden, (False,)
    for section, before in (("2.3", False), ("2.4", True)):
        for states in INTERESTED:
            yield f"{section}.2 the sender of a roster set gets a result, {described(states)}", result, (states, before)
            yield f"{section}.2 interested resources get a push, {described(states)}", push, (states, before)
        yield f"{section}.3 a roster set from another account: forbidden", forbidden, (before,)
        for title, (content, condition) in REFUSED.items():
            yield f"{section}.3 {title}: {condition}", refused, (content, condition, before)
    for title, (before, after) in UPDATES.items():
        yield f"2.4.1 {title}", update, (before, after)


def section_2_5():
    """Contacts are removed."""
    for states in INTERESTED:
        yield f"2.5.2 a contact is removed: a result and pushes, {described(states)}", removed, (states,)
    for to, from_, what in ((True, False, "to"), (False, True, "from"), (True, True, "both")):
        yield f"2.5.2 a contact with subscription {what} is removed", removed_subscriptions, (to, from_)
    yield "2.5.3 a contact that is not there is removed: item-not-found", not_there, ("",)
    yield "2.5.3 the same where others are there", not_there, (contact("a@other.example"),)


def section_2_6():
    """Versions."""
    yield "2.6.1 roster versions are offered", offered, ()
    yield "2.6.2 an empty version: the whole roster, with a version", bootstrap, ()
    yield "2.6.2 no version: the whole roster", without, ()
    yield "2.6.3 the version is current: an empty result, no push", unchanged, ()
    for title, (changes, expected) in CHANGES.items():
        yield f"2.6.3 the version is older: a push for each contact, in order: {title}", changed, (changes, expected)
    for known in ("nonsense", "99999999", "-1"):
        yield f"2.6.3 a version that is not known ({known}): the whole roster", unknown, (known,)
    for number in (1, 10):
        yield f"2.6.3 every push has a version of its own, {number} pushes", unique, (number,)


def tests():
    """All of them."""
    for section in (section_2_3_and_2_4, section_2_5, section_2_6):
        for name, function, arguments in section():
            yield f"RFC 6121 {name}", function, arguments
