"""Sentences of RFC 6121 that say what a server MUST do, each as a test through sockets; its section is in the test's name.

    python3 tests/server/sentences_test.py SERVER [BEGINNING]

As independent suites do, every test makes its accounts in-band (XEP-0077) and removes them again. With a second argument:
the tests whose names begin with that, such as "RFC 6121 8.5.2".
"""

import sys

import sentences_delivery
import sentences_registration
import sentences_rosters
from harness import Server, Tap
from world import World


def run(port, function, arguments):
    """A test with a world of its own."""
    with World(port) as world:
        function(world, *arguments)


def main():
    """All, or those of a section."""
    tap = Tap()
    wanted = sys.argv[2] if len(sys.argv) > 2 else ""
    with Server(sys.argv[1], "--register", accounts=()) as server:
        for module in (sentences_registration, sentences_rosters, sentences_delivery):
            for name, function, arguments in module.tests():
                if name.startswith(wanted):
                    tap.case(name, run, server.port, function, arguments)
    tap.end()


if __name__ == "__main__":
    main()
