"""gloox: a client with three resources on its stream, as the server answers it and as another client sees it.

Called as: FILE SERVER CLIENT"""

import sys

from harness import CLIENT, Server, Stream, Tap, befriend, certificate

# What romeo sees: what kind of stanza, its type, juliet's resource, the text.
SEEN = [
    *(("presence", None, resource, None) for resource in ("balcony", "chamber", "garden")),
    *(("message", "chat", resource, resource) for resource in ("balcony", "garden", "chamber")),
    ("presence", "unavailable", "garden", None),
    ("presence", "unavailable", "chamber", None),
    ("message", "chat", "balcony", "adieu"),
    ("presence", "unavailable", "balcony", None),
]


def seen(stanza):
    name = stanza.tag.removeprefix(CLIENT)
    return name, stanza.get("type"), stanza.get("from").partition("/")[2], stanza.findtext(CLIENT + "body")


def talk(tap, port, client, mode):
    befriend(port, "juliet", "romeo")
    romeo = Stream(port).login("romeo")
    romeo.bind("orchard")
    romeo.send("<presence/>").settle()
    tap.include(mode, client, str(port), mode)
    tap.equal(f"{mode}: what romeo sees", [seen(romeo.read()) for _ in SEEN], SEEN)
    tap.equal(f"{mode}: and nothing else", romeo.settle(), [])
    romeo.close()


if __name__ == "__main__":
    TAP = Tap()
    PROGRAM, PEER = sys.argv[1:3]
    with Server(PROGRAM) as server:
        talk(TAP, server.port, PEER, "plain")
    with certificate() as (file, key), Server(PROGRAM, "--cert", file, "--key", key) as server:
        talk(TAP, server.port, PEER, "tls")
    TAP.end()
