"""The transcripts of the console, played through the server's sockets.

    python3 tests/server/cases_test.py SERVER [AREA[/NAME]]...

One list of cases, tests/transcripts/, two runners: run.sh plays them through the console, this one through connections. An
account that a transcript opens has an account on the server; `open S JID` is a connection with a login, `S: XML` is sent on
it as it stands, `close S` is the end of the client's side. What the console prints is what clients are to receive, element
by element, in order; nothing else comes. How each line of the console is seen through a connection:

  S features XML   The features after the login, but for those of the server itself (session, roster versions). Features
                   that are asked for later (the command `features`) no client sees.
  S send XML       The element, as a parser with namespaces sees it: attributes in no order, text exact. 32 hexadecimal
                   digits are GENERATED; so are the ids of pushes and the versions of rosters.
  S route XML      To an account elsewhere: that account is a guest of this server, available, with a resource of its own
                   and those that the transcript names; it receives the stanza as it was stamped. (An IQ to its bare JID,
                   and a message of type groupchat, the server answers in its place: service-unavailable. Its subscriptions
                   are kept for it, so of what is about them it sees only what changes something at its end.)
                   To a full JID here: it arrives there. In a transcript without the session layer (`im on`), which the
                   server always has: presence comes to the resources of the account that are available (PRES-1, PRES-2),
                   and is taken back when they end (PRES-3); an IQ without a type is a bad-request, an empty 'to'
                   jid-malformed; the roster is empty (ROST-1). Everything else is the server's: it stores no messages and
                   knows no such IQ, so both come back with service-unavailable.
  host XML         The same, for what comes of no client.
  S discard REASON Nothing arrives. `not-a-stanza` leaves the element with the server, which ends the stream with
                   unsupported-stanza-type; the connection is made anew, with what it had bound, and the case goes on.
  S close [COND]   The stream error, the end of the stream, the end of the connection.
  S opened, S closed, S gone, session: no connection shows them, but for what comes of them.

`deliver XML`, a stanza from elsewhere, is sent by that guest. What no client's server lets out is left out, with what the
console makes of it: what a domain says itself, what comes in the name of an account here, a subscription to a full JID,
presence of an unknown type. What a guest's server adds because the guest is available is not looked at.

After each line its stream is asked to unbind a resource that it does not have, which is answered at any time (UNBIND-2,
UNBIND-5): what came before the answer came of the line. Cases of one stream are played once more with all lines sent at
once (BIND-15); then the library's answers keep their order, and the server's own do, but one may overtake the other. Cases
with the session layer are played once more with rosters and privacy lists in SQLite, those of conf with Redis.

`storage`, `answer` and `time` are for controlled-server (controlled_storage.c), which stands beside the server in build/.

Of feat, bind, unbind, from and conf nothing is left out. Of the others: what the console itself refuses (exit status 2),
and what no XML stream carries (comments and processing instructions, RFC 6120 11.1).
"""

import pathlib
import sys
import tempfile
import traceback

from expectation import Expectation
from harness import Server, Tap
from player import Control, Player
from redis_server import Redis
from transcript import STANZAS, Transcript, parse, transcripts, written_rules

AREAS = "feat bind unbind from conf flow jid input sess pres rost sub priv dlv storage".split()
WHOLE = ("FEAT", "BIND", "UNBIND", "FROM", "CONF")
LIMITS = ("stanza-bytes=16777216", "depth=2000")  # as wide as the console's


def left_out(base):
    """Why a transcript is not for a server; None when it is."""
    text = Transcript.text(base, ".in")
    if base.with_name(base.name + ".status").exists():
        return "the console refuses it"
    if base.parent.name == "input" and ("<!--" in text or "<?" in text):
        return "no XML stream carries it"
    return None


def start(program, transcript, *more, wrapper=()):
    """A server with the options, domains and accounts of the transcript."""
    arguments = [*more]
    arguments += [word for option in transcript.options for word in ("--set", option)]
    arguments += [word for limit in LIMITS for word in ("--limit", limit)]
    domains = transcript.domains()
    for domain in domains[1:]:
        arguments += ["--domain", domain]
    for jid in (*transcript.accounts, *transcript.guests):
        arguments += ["--account", f"{jid}:secret"]
    return Server(program, *arguments, accounts=(), domain=domains[0], wrapper=wrapper)


def play(program, transcript, *more, at_once=False):
    """On a server of its own; what is wrong, as lines of text."""
    with start(program, transcript, *more) as server:
        return Player(transcript, Expectation(transcript), server.port, at_once=at_once).play()


def play_at_once(program, transcript):
    """All lines are sent before anything is read."""
    return play(program, transcript, at_once=True)


def play_with_sqlite(program, transcript):
    """Rosters and privacy lists are kept in a file."""
    with tempfile.TemporaryDirectory() as folder:
        return play(program, transcript, "--rosters", f"{folder}/rosters.sqlite")


def play_with_redis(program, transcript):
    """Who holds which resource is kept in Redis."""
    with Redis() as redis:
        return play(program, transcript, "--redis", f"127.0.0.1:{redis.port}", "--node", "verona")


def play_controlled(program, transcript):
    """With storage and time as the transcript has them."""
    program = pathlib.Path(program).parent.parent / "tests/server/controlled-server"
    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/socket"
        rosters = ["CONTROLLED_ROSTERS=1"] if transcript.im else []
        with start(program, transcript, wrapper=("env", f"CONTROLLED_SOCKET={path}", *rosters)) as server:
            return Player(transcript, Expectation(transcript), server.port, Control(path)).play()


def is_for_once(transcript):
    """Whether all its lines can be sent at once: to one stream, with nothing that others do between them."""
    stanzas = [parse(command[2]) for command in transcript.commands if command[0] == "stanza"]
    opened = sum(command[0] == "open" for command in transcript.commands)
    others = transcript.uses("close", "deliver", "storage", "answer", "time")
    return opened == 1 and not others and all(stanza is None or stanza.tag in STANZAS for stanza in stanzas)


def ways(transcript, area):
    """How it is played: the function, and what is said of it in the name of the result."""
    if transcript.uses("storage", "answer", "time"):
        yield play_controlled, ""
        return
    yield play, ""
    if is_for_once(transcript):
        yield play_at_once, ", all at once"
    if transcript.im:
        yield play_with_sqlite, ", rosters in SQLite"
    if area == "conf":
        yield play_with_redis, ", directory in Redis"


def run(tap, name, player, program, transcript):
    """One result."""
    try:
        differences = player(program, transcript)
    except Exception:  # pylint: disable=broad-except
        differences = [traceback.format_exc()]
    tap.result(not differences, name, *differences)


def main():
    """All cases, or those that are named."""
    tap = Tap()
    sys.setrecursionlimit(20000)  # input/thousand-levels
    program, *wanted = sys.argv[1:]
    left, unsent, rules = [], 0, set()
    for base in transcripts(AREAS):
        name = f"{base.parent.name}/{base.name}"
        if wanted and name not in wanted and base.parent.name not in wanted:
            continue
        reason = left_out(base)
        if reason is not None:
            left.append(f"{name}: {reason}")
            continue
        transcript = Transcript(base)
        unsent += len(transcript.unsent())
        rules |= transcript.rules
        for player, how in ways(transcript, base.parent.name):
            run(tap, name + how, player, program, transcript)
    print(f"# left out: {unsent} stanzas that no client can send, {len(left)} transcripts", *left, sep="\n#   ")
    if not wanted:
        missing = sorted(rule for rule in written_rules() - rules if rule.split("-")[0] in WHOLE)
        tap.equal(f"every rule of {', '.join(WHOLE)} has a case", missing, [])
    tap.end()


if __name__ == "__main__":
    main()
