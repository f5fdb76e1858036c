"""libstrophe: the steps of its examples, with and without TLS. Called as: FILE SERVER CLIENT"""

import sys

from harness import Server, Tap, certificate

if __name__ == "__main__":
    tap = Tap()
    program, client = sys.argv[1:3]
    with Server(program) as server:
        for mode in ("plain", "refused"):
            tap.include(mode, client, str(server.port), mode)
    with certificate() as (file, key), Server(program, "--cert", file, "--key", key) as server:
        tap.include("tls", client, str(server.port), "tls")
    tap.end()
