#!/usr/bin/env python3
"""Names that were never there before do not make the server grow: see names.c.

    names_test.py SERVER NAMES [STANZAS [WRAPPER...]]        both as they are released

The stream stays open while the memory is looked at, as what a stream holds on to would go with it. What a wrapper
(valgrind) does to the memory is not the server's, so with one only the answers are looked at, and that it ends well.
"""

import contextlib
import subprocess
import sys

from harness import Server, Tap

SLACK = 64 * 1024


@contextlib.contextmanager
def started(command):
    """A program, which is gone afterwards in any case."""
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def main():
    program, names = sys.argv[1:3]
    stanzas = int(sys.argv[3]) if len(sys.argv) > 3 else 10_000_000
    wrapper = sys.argv[4:]
    tap = Tap()
    with Server(program, wrapper=wrapper) as server, started([names, str(server.port), str(stanzas)]) as client:
        memory = []
        for word in ("warm", "done"):
            line = client.stdout.readline().strip()
            tap.equal(f"{word}: every stanza is dealt with, and what is to come back does", line, word)
            memory.append(server.memory())
            client.stdin.write("\n")
            client.stdin.flush()
        tap.equal("the stream ends in good order", client.wait(), 0)
        print(f"# {stanzas} stanzas: {memory[0]} octets before, {memory[1]} after")
        if not wrapper:
            tap.result(memory[1] < memory[0] + SLACK, f"{stanzas} stanzas: the server does not grow", memory)
        tap.equal("the server ends in good order", server.stop(), 0)
    tap.end()


main()
