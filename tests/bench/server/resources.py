"""What a further resource on a stream costs the server, in octets: python3 resources.py SERVER RESOURCES."""

import sys

sys.path.insert(0, "tests/server")
from harness import Server, Stream  # noqa: E402

AT_ONCE = 1000


def bind(stream, first, number):
    stream.send("".join(
        f"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>resource{first + i}"
        "</resource></bind></iq>" for i in range(number)))
    for _ in range(number):
        if stream.read().get("type") != "result":
            raise RuntimeError("a resource was not bound")


def main():
    program, resources = sys.argv[1], int(sys.argv[2])
    with Server(program, "--set", "max-resources-per-stream=65535", "--set",
                "max-resources-per-account=65535") as server:
        juliet = Stream(server.port).login("juliet")
        for first in range(0, resources, AT_ONCE):
            bind(juliet, first, AT_ONCE)
        before = server.memory()
        for first in range(resources, 2 * resources, AT_ONCE):
            bind(juliet, first, AT_ONCE)
        print((server.memory() - before) // resources)


main()
