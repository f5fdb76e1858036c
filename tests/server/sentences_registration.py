"""XEP-0077 as suites use it that make and remove accounts in-band."""

from harness import Stream, condition_of, text_of
from sentences_rosters import contact, interested, roster, set_roster
from world import PASSWORD, ask

REGISTER = "jabber:iq:register"
BOTH = ((None, "without an address"), ("capulet.example", "to the server"))


def fields(name, password):
    """What a stranger fills in."""
    return f"<username>{name}</username><password>{password}</password>"


def stranger(world):
    """Before the login."""
    stream = Stream(world.port)
    world.streams.append(stream)
    stream.open()
    return stream


def is_addressed(answer):
    """It has no empty address: a stranger has none."""
    assert answer.get("to") is None and answer.get("from") in (None, "capulet.example"), text_of(answer)


def asks(world, to):
    """What is to be filled in."""
    answer = ask(stranger(world), "get", REGISTER, to=to)
    names = {child.tag.partition("}")[2] for child in answer.find("{jabber:iq:register}query")}
    assert answer.get("type") == "result" and {"username", "password"} <= names, text_of(answer)
    is_addressed(answer)


def makes(world, to):
    """An account, and who has logged in has it."""
    stream = stranger(world)
    name = world.name()
    answer = ask(stream, "set", REGISTER, fields(name, PASSWORD), to)
    assert answer.get("type") == "result", text_of(answer)
    world.accounts.append(f"{name}@capulet.example")
    is_addressed(answer)
    stream.login(name, PASSWORD)
    assert stream.bind("r") == f"{name}@capulet.example/r"


def refused(world, content, condition):
    """It is not made."""
    answer = ask(stranger(world), "set", REGISTER, content)
    assert condition_of(answer) == condition, text_of(answer)
    is_addressed(answer)


def taken(world):
    """A name that somebody has, also in another spelling."""
    name = world.account().partition("@")[0]
    refused(world, fields(name, "other"), "conflict")
    refused(world, fields(name.upper(), "other"), "conflict")


def can_log_in(world, account, password):
    """Whether the account has this password."""
    try:
        stranger(world).login(account.partition("@")[0], password)
        return True
    except RuntimeError:
        return False


def changes(world, to):
    """The password, from then on."""
    client = world.client(world.account(), "r")
    name = client.account.partition("@")[0]
    answer = ask(client, "set", REGISTER, fields(name, "new"), to)
    assert answer.get("type") == "result", text_of(answer)
    assert can_log_in(world, client.account, "new") and not can_log_in(world, client.account, PASSWORD)
    ask(client, "set", REGISTER, fields(name, PASSWORD), "capulet.example")


def removes(world, to):
    """The account: all its streams end, and nobody can log in."""
    client = world.client(world.account(), "r")
    other = world.client(client.account, "other", 0)
    answer = ask(client, "set", REGISTER, "<remove/>", to)
    assert answer.get("type") == "result", text_of(answer)
    world.accounts.remove(client.account)
    for stream in (client, other):
        error = stream.read_until(lambda element: condition_of(element) is not None)
        assert condition_of(error) == "not-authorized", text_of(error)
        assert stream.read() is None
    assert not can_log_in(world, client.account, PASSWORD)


def again(world):
    """Who gets the name of an account that was removed inherits nothing; the server may keep the name for nobody."""
    old = interested(world)
    set_roster(old, contact("a@other.example"))
    old.drop()
    world.remove(old.account)
    name = old.account.partition("@")[0]
    answer = ask(stranger(world), "set", REGISTER, fields(name, PASSWORD))
    if condition_of(answer) == "conflict":
        return
    assert answer.get("type") == "result", text_of(answer)
    world.accounts.append(old.account)
    assert roster(world.client(old.account, "r")) == {}


def tests():
    """All of them."""
    for to, how in BOTH:
        yield f"XEP-0077 3.1 a stranger asks what is to be filled in, {how}", asks, (to,)
        yield f"XEP-0077 3.1 a stranger makes an account, {how}", makes, (to,)
        yield f"XEP-0077 3.3 a password is changed, {how}", changes, (to,)
        yield f"XEP-0077 3.2 an account is removed, {how}", removes, (to,)
    yield "XEP-0077 3.1 a name that is taken: conflict", taken, ()
    for content in ("", "<username>x</username>", fields("", PASSWORD), fields("x", ""), fields("a b", PASSWORD)):
        yield f"XEP-0077 3.1 not-acceptable: '{content}'", refused, (content, "not-acceptable")
    yield "XEP-0077 3.2 a name is free again, or nobody gets it", again, ()
