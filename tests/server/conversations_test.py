"""Random conversations: the server answers as the console does.

    python3 tests/server/conversations_test.py SERVER [FIRST [LAST]]

Each is played through the console, which stands beside the server in build/, and through the server's sockets, as
cases_test.py plays transcripts. All that arrives is compared, in the order in which it comes from each sender (RFC 6120
10.1); how the stanzas of different senders are mixed is the host's affair. Where a stream has ended, its client may have
heard, or not, who is gone by then.
"""

import pathlib
import subprocess
import sys
import tempfile
import traceback

from cases_test import start
from conversation import Conversation
from expectation import Expectation
from harness import CLIENT, Tap
from player import Player
from transcript import Transcript

COUNT = 60
LENGTH = 150


def is_gone(item):
    """Whether a value is presence of somebody who is gone."""
    return item[0] == CLIENT + "presence" and dict(item[1]).get("type") == "unavailable"


class Listener(Player):
    """A player that compares what comes from each sender."""

    def ordered(self, items):
        """By sender; the end is the end."""
        return sorted(items, key=lambda item: "" if len(item) == 2 else "by " + dict(item[1]).get("from", ""))

    def compare_one(self, name, connection, expected):
        """Without who is gone, where the stream has ended."""
        connection.wait_for(len(expected))
        received = connection.received()
        if connection.over:
            received = [item for item in received if not is_gone(item)]
            expected = [item for item in expected if not is_gone(item)]
        self.differ(name, self.ordered(received), self.ordered(expected))


def play(server, console, seed):
    """What is wrong, as lines of text."""
    with tempfile.TemporaryDirectory() as folder:
        base = pathlib.Path(folder) / "conversation"
        text = Conversation(seed, LENGTH).text()
        base.with_suffix(".in").write_text(text, encoding="utf-8")
        printed = subprocess.run([console, base.with_suffix(".in")], stdout=subprocess.PIPE, check=True).stdout
        base.with_suffix(".out").write_bytes(printed)
        transcript = Transcript(base)
        with start(server, transcript) as running:
            return Listener(transcript, Expectation(transcript), running.port).play()


def main():
    """All of them, or from the first to the last."""
    tap = Tap()
    first, last = 1, COUNT
    if len(sys.argv) > 2:
        first, last = int(sys.argv[2]), int(sys.argv[-1])
    console = pathlib.Path(sys.argv[1]).parent / "console"
    for seed in range(first, last + 1):
        try:
            differences = play(sys.argv[1], console, seed)
        except Exception:  # pylint: disable=broad-except
            differences = [traceback.format_exc()]
        tap.result(not differences, f"conversation {seed}", *differences)
    tap.end()


if __name__ == "__main__":
    main()
