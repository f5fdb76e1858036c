#!/usr/bin/python3
"""Talks to one account of the server that `make serve` starts, with slixmpp (package python3-slixmpp).

usage: talk.py NAME PASSWORD [HOST [PORT [PARTNER]]]

Each line is a message to PARTNER; what comes is printed.
"""

import sys

import slixmpp

DOMAIN = "capulet.example"


class Talk(slixmpp.ClientXMPP):
    def __init__(self, name, password, partner):
        super().__init__(f"{name}@{DOMAIN}", password)
        self.partner = f"{partner}@{DOMAIN}"
        self.add_event_handler("session_start", self.start)
        self.add_event_handler("message", self.message)
        self.add_event_handler("failed_all_auth", lambda _: print("the name or the password is wrong", flush=True))

    def start(self, _):
        self.send_presence()
        self.get_roster()
        print(f"{self.boundjid} talks to {self.partner}; Ctrl-D ends it", flush=True)
        self.loop.add_reader(sys.stdin, self.line)

    def message(self, message):
        if message["type"] == "error":
            print(f"{message['from']}: {message['error']['condition']}", flush=True)
        else:
            print(f"{message['from']}: {message['body']}", flush=True)

    def line(self):
        text = sys.stdin.readline()
        if text == "":
            self.loop.remove_reader(sys.stdin)
            self.disconnect()
        elif text.strip() != "":
            self.send_message(mto=self.partner, mbody=text.strip(), mtype="chat")


def main():
    if not 3 <= len(sys.argv) <= 6:
        sys.exit(__doc__)
    name, password = sys.argv[1:3]
    defaults = ["127.0.0.1", "5222", "juliet" if name == "romeo" else "romeo"]
    host, port, partner = sys.argv[3:] + defaults[len(sys.argv) - 3:]
    talk = Talk(name, password, partner)
    talk.connect((host, int(port)), disable_starttls=True)
    talk.process(forever=False)


if __name__ == "__main__":
    main()
