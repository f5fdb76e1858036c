"""Messages from a client to itself, 1,000 in flight: python3 messages.py SERVER RESOURCES MESSAGES [WRAPPER...]

Of the server the whole life is counted, so the difference of two runs is what the messages cost.
"""

import sys

sys.path.insert(0, "tests/server")
from harness import Server, Stream  # noqa: E402

IN_FLIGHT = 1000


def main():
    program, resources, messages, wrapper = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4:]
    with Server(program, "--set", "max-resources-per-stream=65535", "--set", "max-resources-per-account=65535",
                wrapper=wrapper) as server:
        juliet = Stream(server.port).login("juliet")
        for number in range(resources):
            juliet.bind(f"resource{number}", f"bind{number}")
        sender = f"juliet@capulet.example/resource{resources - 1}"
        message = (f"<message type='chat' id='m1234' from='{sender}' to='{sender}'>"
                   "<body>Wherefore art thou, Romeo?</body></message>")
        for _ in range(messages // IN_FLIGHT):
            juliet.send(message * IN_FLIGHT)
            for _ in range(IN_FLIGHT):
                if juliet.read() is None:
                    raise RuntimeError("the stream has ended")


main()
