"""slixmpp: two clients in one loop talk to each other, one of them with three resources on its stream.

slixmpp logs in by itself. It knows no second bind, so that is sent as a plain IQ, and the stanzas name their 'from'."""

import asyncio
import logging
import sys

from harness import BIND, DOMAIN, PATIENCE, Server, Tap, certificate, condition_of
from slixmpp import ClientXMPP
from slixmpp.exceptions import IqError
from slixmpp.xmlstream import ET

JULIET = f"juliet@{DOMAIN}"
ROMEO = f"romeo@{DOMAIN}"


class Client(ClientXMPP):
    """A client that keeps what arrives until it is asked for."""

    def __init__(self, jid, password="secret", mechanism=None):
        security = {"feature_mechanisms": {"unencrypted_plain": True}}
        super().__init__(jid, password, sasl_mech=mechanism, plugin_config=security, lang="it")
        for plugin in ("xep_0030", "xep_0092", "xep_0199"):  # disco, version, ping
            self.register_plugin(plugin)
        self.auto_authorize = self.auto_subscribe = None  # subscriptions go step by step
        self.waiting = []
        self.news = asyncio.Event()
        self.add_filter("in", self.keep)

    def keep(self, stanza):
        self.waiting.append(stanza)
        self.news.set()
        return stanza

    async def start(self, port, event="session_start", **options):
        """Connects, and waits for what is to come of it."""
        self.connect(("127.0.0.1", port), **(options or {"force_starttls": False, "disable_starttls": True}))
        await self.wait_until(event, PATIENCE)
        return self

    async def read(self, name, wanted=lambda stanza: True):
        """The first stanza of this name for which wanted(stanza) is true; the others stay."""
        while True:
            for stanza in self.waiting:
                if stanza.name == name and wanted(stanza):
                    self.waiting.remove(stanza)
                    return stanza
            self.news.clear()
            await asyncio.wait_for(self.news.wait(), PATIENCE)

    async def ask(self, element, resource, sender=None):
        """An IQ set with <bind/> or <unbind/>: the answer, which may be an error."""
        iq = self.make_iq_set(ifrom=sender)
        request = ET.SubElement(iq.xml, BIND + element)
        ET.SubElement(request, BIND + "resource").text = resource
        return await answer_to(iq)

    async def end(self):
        """Closes the stream: why it ended."""
        ended = asyncio.ensure_future(self.wait_until("disconnected", PATIENCE))
        await self.disconnect(wait=PATIENCE)
        return await ended


async def answer_to(iq):
    """The answer to an IQ, which may be an error: that is no exception here."""
    try:
        return await iq.send(timeout=PATIENCE)
    except IqError as error:
        return error.iq


async def roster_of(client):
    """The whole roster, as if the client knew no version of it: the item of each contact."""
    client.client_roster.version = ""
    answer = await client.get_roster()
    return {str(jid): item for jid, item in answer["roster"]["items"].items()}


async def subscriptions_of(client):
    return {jid: item["subscription"] for jid, item in (await roster_of(client)).items()}


def from_whom(resource=None, kind=None):
    """A condition for read(): a stanza of juliet, of this resource and type."""
    sender = f"{JULIET}/{resource}" if resource else JULIET
    return lambda stanza: str(stanza["from"]) == sender and (kind is None or stanza["type"] == kind)


async def log_in(tap, port):
    refused = await Client(JULIET, "wrong").start(port, "failed_all_auth")
    tap.result(not refused.authenticated, "a wrong password is refused, with each mechanism")
    await refused.disconnect(wait=PATIENCE)
    juliet = await Client(f"{JULIET}/balcony").start(port)
    tap.equal("slixmpp chooses SCRAM by itself", juliet["feature_mechanisms"].mech.name, "SCRAM-SHA-256")
    tap.equal("the resource that was asked for is bound", str(juliet.boundjid), f"{JULIET}/balcony")
    romeo = await Client(f"{ROMEO}/orchard", mechanism="PLAIN").start(port)
    tap.equal("PLAIN, where it is asked for", romeo["feature_mechanisms"].mech.name, "PLAIN")
    tap.equal("the other account's resource", str(romeo.boundjid), f"{ROMEO}/orchard")
    nameless = await Client(ROMEO).start(port)
    tap.result(nameless.boundjid.resource, "a resource that the server chooses", nameless.boundjid)
    tap.equal("a stream closed by its client ends in good order", await nameless.end(), "End of stream")
    return juliet, romeo


async def rosters(tap, juliet):
    nurse = f"nurse@{DOMAIN}"
    tap.equal("the roster is empty", await roster_of(juliet), {})
    answer = await juliet.update_roster(nurse, name="Nurse", groups=["House"])
    tap.equal("a contact is stored", answer["type"], "result")
    push = await juliet.read("iq", lambda stanza: stanza["type"] == "set")
    tap.equal("and pushed to the client", [str(jid) for jid in push["roster"]["items"]], [nurse])
    tap.equal("which takes it", juliet.client_roster[nurse]["name"], "Nurse")
    tap.equal("its version is current now", len((await juliet.get_roster())["roster"]["items"]), 0)
    item = (await roster_of(juliet))[nurse]
    tap.equal("the roster has name and group", (item["name"], item["groups"]), ("Nurse", ["House"]))
    tap.equal("removed", (await juliet.del_roster_item(nurse))["type"], "result")
    tap.equal("nobody is left", await roster_of(juliet), {})


async def presence(tap, juliet, romeo):
    for client in (juliet, romeo):
        await client.get_roster()
        client.send_presence(pstatus="here")
    own = await juliet.read("presence", from_whom("balcony"))
    tap.equal("one's own presence comes back, to the full JID", str(own["to"]), f"{JULIET}/balcony")
    await romeo.read("presence")


async def subscribe(tap, asking, asked):
    """One direction of a subscription, each step as the other side sees it."""
    asking.send_presence_subscription(pto=asked.boundjid.bare)
    request = await asked.read("presence", lambda stanza: stanza["type"] == "subscribe")
    tap.equal(f"{asking.boundjid.user} asks, by the bare JID", str(request["from"]), asking.boundjid.bare)
    asked.send_presence(pto=asking.boundjid.bare, ptype="subscribed")
    granted = await asking.read("presence", lambda stanza: stanza["type"] == "subscribed")
    tap.equal(f"{asked.boundjid.user} grants it", str(granted["from"]), asked.boundjid.bare)
    shown = await asking.read("presence", lambda stanza: str(stanza["from"]) == asked.boundjid.full)
    tap.equal("and is seen", (shown["type"], shown["status"]), ("available", "here"))


async def subscriptions(tap, juliet, romeo):
    await subscribe(tap, juliet, romeo)
    tap.equal("juliet's roster: to", await subscriptions_of(juliet), {ROMEO: "to"})
    await subscribe(tap, romeo, juliet)
    tap.equal("juliet's roster: both", await subscriptions_of(juliet), {ROMEO: "both"})
    tap.equal("romeo's roster: both", await subscriptions_of(romeo), {JULIET: "both"})
    tap.equal("slixmpp's own roster knows where romeo is", list(juliet.client_roster[ROMEO].resources), ["orchard"])


async def messages(tap, juliet, romeo):
    juliet.send_message(mto=romeo.boundjid.full, mbody="Art thou not Romeo?\n<&> ♥", mtype="chat")
    message = await romeo.read("message")
    tap.equal("a message, from the full JID", str(message["from"]), juliet.boundjid.full)
    tap.equal("with its text", message["body"], "Art thou not Romeo?\n<&> ♥")
    tap.equal("and its language", message.xml.get("{http://www.w3.org/XML/1998/namespace}lang"), "it")
    message.reply("Neither, fair saint.").send()
    answer = await juliet.read("message")
    tap.equal("the reply", (str(answer["from"]), answer["body"]), (romeo.boundjid.full, "Neither, fair saint."))
    romeo.send_message(mto=JULIET, mbody="Lady!", mtype="chat")
    tap.equal("to the bare JID, which stays", str((await juliet.read("message"))["to"]), JULIET)
    declared = f"<message xmlns='jabber:client' xml:lang='it' type='chat' to='{ROMEO}'><body>O!</body></message>"
    juliet.send_raw(declared)  # as other libraries write it
    tap.equal("which declares its namespace", (await romeo.read("message"))["body"], "O!")
    juliet.send_message(mto="mercutio@elsewhere.example", mbody="Hark!")
    tap.equal("to another domain", (await juliet.read("message"))["error"]["condition"], "remote-server-not-found")


async def requests(tap, juliet, romeo):
    tap.result(await juliet["xep_0199"].ping(DOMAIN, timeout=PATIENCE) >= 0, "the server answers a ping")
    tap.result(await juliet["xep_0199"].ping(romeo.boundjid.full, timeout=PATIENCE) >= 0, "so does the other client")
    found = await juliet["xep_0030"].get_info(jid=DOMAIN, timeout=PATIENCE)
    kinds = [identity[:2] for identity in found["disco_info"]["identities"]]
    tap.result(("server", "im") in kinds, "the server says what it is", found)
    tap.result("urn:xmpp:ping" in found["disco_info"]["features"], "and that it can be pinged", found)
    own = await juliet["xep_0030"].get_info(jid=JULIET, timeout=PATIENCE)
    kinds = [identity[:2] for identity in own["disco_info"]["identities"]]
    tap.equal("an account says what it is to its owner", kinds, [("account", "registered")])
    refused = await answer_to(juliet.make_iq_get("jabber:iq:private"))
    tap.equal("what nobody serves is refused, for the account too", condition_of(refused.xml), "service-unavailable")
    tap.result(str(refused["from"]) in ("", JULIET), "by no one else than the account", refused)
    version = await juliet["xep_0092"].get_version(romeo.boundjid.full, timeout=PATIENCE)
    tap.equal("the other client's version", version["software_version"]["name"], "Slixmpp")


async def more_resources(tap, juliet, romeo):
    for resource in ("chamber", "garden"):
        answer = await juliet.ask("bind", resource)
        tap.equal(f"{resource} is bound too", answer.xml.findtext(f"{BIND}bind/{BIND}jid"), f"{JULIET}/{resource}")
    for resource in ("chamber", "garden"):
        juliet.send_presence(pfrom=f"{JULIET}/{resource}", pstatus=resource)
        shown = await romeo.read("presence", from_whom(resource))
        tap.equal(f"romeo sees {resource}", (shown["type"], shown["status"]), ("available", resource))
    tap.equal("three of them", sorted(romeo.client_roster[JULIET].resources), ["balcony", "chamber", "garden"])
    for resource in ("garden", "balcony", "chamber"):
        juliet.send_message(mto=ROMEO, mbody=resource, mtype="chat", mfrom=f"{JULIET}/{resource}")
        tap.equal(f"a message from {resource}", str((await romeo.read("message"))["from"]), f"{JULIET}/{resource}")
        romeo.send_message(mto=f"{JULIET}/{resource}", mbody="Aye", mtype="chat")
        tap.equal("and its reply", str((await juliet.read("message"))["to"]), f"{JULIET}/{resource}")
    answer = await juliet["xep_0199"].send_ping(DOMAIN, ifrom=f"{JULIET}/chamber", timeout=PATIENCE)
    tap.equal("an IQ's answer goes to whoever asked", str(answer["to"]), f"{JULIET}/chamber")
    again = await juliet.ask("bind", "garden")
    tap.equal("garden is taken", again["error"]["condition"], "conflict")


async def unbind(tap, juliet, romeo):
    answer = await juliet.ask("unbind", "garden", sender=f"{JULIET}/garden")
    tap.equal("garden is unbound", answer["type"], "result")
    gone = await romeo.read("presence", from_whom("garden", "unavailable"))
    tap.equal("which romeo is told", str(gone["to"].bare), ROMEO)
    juliet.send_message(mto=ROMEO, mbody="Still here?", mfrom=f"{JULIET}/garden")
    refused = await juliet.read("message")
    tap.equal("it can send no more", condition_of(refused.xml), "unknown-sender")
    tap.equal("nor be unbound again", (await juliet.ask("unbind", "garden"))["error"]["condition"], "item-not-found")
    tap.equal("the oldest one is unbound", (await juliet.ask("unbind", "balcony"))["type"], "result")
    await romeo.read("presence", from_whom("balcony", "unavailable"))
    juliet.send_message(mto=ROMEO, mbody="Adieu", mtype="chat")
    tap.equal("no 'from' is now the one that is left", str((await romeo.read("message"))["from"]), f"{JULIET}/chamber")
    ended = asyncio.ensure_future(juliet.wait_until("disconnected", PATIENCE))
    tap.equal("so is the last one", (await juliet.ask("unbind", "chamber"))["type"], "result")
    tap.equal("which closes the stream", await ended, "End of stream")
    await romeo.read("presence", from_whom("chamber", "unavailable"))
    tap.equal("nobody is left", list(romeo.client_roster[JULIET].resources), [])
    tap.equal("nothing else came to romeo", [str(stanza) for stanza in romeo.waiting if stanza.name == "message"], [])
    await romeo.end()


async def talk(tap, program):
    with Server(program) as server:
        juliet, romeo = await log_in(tap, server.port)
        await rosters(tap, juliet)
        for part in (presence, subscriptions, messages, requests, more_resources, unbind):
            await part(tap, juliet, romeo)


async def encrypted(tap, program):
    with certificate() as (file, key), Server(program, "--cert", file, "--key", key) as server:
        plain = await Client(JULIET).start(server.port, "stream_negotiated")
        tap.result(not plain.authenticated, "without TLS there is no login")
        await plain.disconnect(wait=PATIENCE)
        for mechanism in ("SCRAM-SHA-256", "PLAIN"):
            juliet = Client(f"{JULIET}/balcony", mechanism=mechanism)
            juliet["feature_mechanisms"].unencrypted_plain = False
            juliet.ca_certs = file
            await juliet.start(server.port, force_starttls=True)
            tap.result("starttls" in juliet.features, f"{mechanism}: with STARTTLS, and the server's certificate")
            juliet.send_presence()
            await juliet.read("presence")
            juliet.send_message(mto=JULIET, mbody="O" * 100000)
            tap.equal("a message through it", len((await juliet.read("message"))["body"]), 100000)
            tap.equal("which ends in good order", await juliet.end(), "End of stream")


async def all_of_it(tap, program):
    """Each part stops at its first exception, which is a failure of its own."""
    for part in (talk, encrypted):
        try:
            await part(tap, program)
        except Exception as error:  # pylint: disable=broad-except
            tap.result(False, f"{part.__name__} goes to its end", repr(error))


if __name__ == "__main__":
    logging.basicConfig(format="# %(message)s")
    RESULTS = Tap()
    asyncio.run(all_of_it(RESULTS, sys.argv[1]))
    RESULTS.end()
