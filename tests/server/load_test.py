#!/usr/bin/env python3
"""Two thousand connections with five resources each, and messages among them: see load.c.

    load_test.py SERVER LOAD [CONNECTIONS [MESSAGES]]        both as they are released

The same load runs several times. The first round leaves what a server keeps, and memory that the allocator holds back
for later: as much as was in use at most. The next one finds that memory, so what it leaves beyond is growth, or it
has needed more at most, as more messages were under way at once. That is chance, and no round needs more than the one
before for long, while what has leaked is missing in each: so there has to be a round that leaves no more than the one
before. SLACK is less than 110 octets for each resource, and less than a session takes.
"""

import resource
import subprocess
import sys

from harness import Server, Stream, Tap

RESOURCES = 5
ROUNDS = 3
SLACK = 1024 * 1024
SPARE = 64  # descriptors beside those of the connections


def allow_descriptors(connections):
    """For this process and those that it starts; within what everybody is allowed."""
    needed = connections + SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise RuntimeError(f"{needed} descriptors are needed, {hard} are allowed")
    if soft != resource.RLIM_INFINITY and soft < needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def one_round(tap, name, server, load, connections, messages):
    """The load, and then the memory of the server when nobody but one client is left."""
    command = [load, str(server.port), str(connections), str(RESOURCES), str(messages), str(server.process.pid)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    for line in done.stdout.splitlines():
        print(f"# {line}")
    tap.result(done.returncode == 0, f"{name}: every message arrives once and in order", done.stdout)
    last = Stream(server.port).login("juliet")
    last.bind("last")
    last.settle()
    memory = server.memory()
    last.close()
    print(f"# {name}: {memory / 1048576:.1f} MB are left")
    return memory


def main():
    program, load = sys.argv[1:3]
    connections = int(sys.argv[3]) if len(sys.argv) > 3 else 2000
    messages = int(sys.argv[4]) if len(sys.argv) > 4 else 50
    tap = Tap()
    allow_descriptors(connections)
    with Server(program, accounts=("juliet", *(f"u{i}" for i in range(connections)))) as server:
        memory = [one_round(tap, f"round {i + 1}", server, load, connections, messages) for i in range(ROUNDS)]
        growth = [after - before for before, after in zip(memory, memory[1:])]
        tap.result(min(growth) < SLACK, "what a round leaves is there for the next one", f"{memory} octets")
        tap.equal("the server ends in good order", server.stop(), 0)
    tap.end()


main()
