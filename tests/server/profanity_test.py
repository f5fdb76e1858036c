"""profanity: somebody types into a client at a terminal, and talks to a raw stream. Called as: FILE SERVER

The terminal is tmux with a server of its own. A screen offers nothing that could be waited for, so this is the one test
that looks again and again, with a pause, until what it waits for is to be seen."""

import os
import re
import subprocess
import sys
import tempfile
import time

from harness import CLIENT, DOMAIN, PATIENCE, Server, Stream, Tap, befriend, certificate

PAUSE = 0.05  # seconds between two looks at the screen


class Screen:
    """A program in a terminal that nobody sees, with a home of its own. It is gone at the end, whatever happens."""

    def __init__(self, program):
        # That it has ended, and how, is to be seen on the screen too.
        self.program = program + "; echo ended with status $?; read -r line"

    def __enter__(self):
        self.home = tempfile.TemporaryDirectory()
        name = self.home.name
        folders = {"HOME": name, "XDG_CONFIG_HOME": name, "XDG_DATA_HOME": name, "GNUPGHOME": name}
        environment = {**os.environ, **folders, "LC_ALL": "C.UTF-8", "TERM": "screen"}
        environment.pop("TMUX", None)
        self.command = ["tmux", "-S", name + "/socket", "-f", "/dev/null"]
        self.server = subprocess.Popen([*self.command, "-D"], env=environment)
        if not self.look_for(lambda: self.tmux("new-session", "-d", "-x", "160", "-y", "50", self.program)):
            raise RuntimeError("no terminal")
        return self

    def __exit__(self, *exception):
        self.server.terminate()  # and with it everything in it
        self.server.wait()
        self.home.cleanup()

    def look_for(self, condition):
        """Looks again and again, with a limit, until the condition is true: whether it is."""
        for _ in range(int(PATIENCE / PAUSE)):
            if condition():
                return True
            time.sleep(PAUSE)
        return False

    def tmux(self, *arguments):
        """Whether a command of tmux succeeds."""
        command = [*self.command, "-N", *arguments]  # -N: with the server that was started above, or not at all
        return subprocess.run(command, capture_output=True, check=False).returncode == 0

    def text(self):
        """What is on the screen."""
        return subprocess.run([*self.command, "capture-pane", "-p"], capture_output=True, text=True, check=False).stdout

    def type(self, line):
        self.tmux("send-keys", "-l", line)
        self.tmux("send-keys", "Enter")

    def shows(self, *patterns):
        """Whether each of the regular expressions is to be found on the screen, in the end."""
        return self.look_for(lambda: all(re.search(pattern, self.text()) for pattern in patterns))


def log_in(tap, screen, port, tls):
    screen.shows("Type '/help' to show complete help")
    screen.type(f"/connect juliet@{DOMAIN} server 127.0.0.1 port {port} tls {tls}")
    tap.result(screen.shows("Enter password:"), "profanity asks for the password", screen.text())
    screen.type("secret")
    if not tap.result(screen.shows("logged in successfully", r"\[online\]"), "and is logged in", screen.text()):
        raise RuntimeError("there is nothing to wait for on this screen")


def talk(tap, screen, romeo):
    tap.result(screen.shows(rf"Online \(0\)\n.* romeo@{DOMAIN}"), "a contact is there", screen.text())
    juliet = romeo.read().get("from")
    tap.equal("and sees her", juliet.partition("/")[0], f"juliet@{DOMAIN}")
    romeo.send(f"<message type='chat' to='{juliet}' id='1'><body>She speaks: O, speak again &lt;3</body></message>")
    tap.result(screen.shows(rf"romeo@{DOMAIN}/orchard \(win 2\)"), "a message is announced", screen.text())
    screen.type("/win 2")
    tap.result(screen.shows("She speaks: O, speak again <3"), "and shown", screen.text())
    screen.type("O Romeo, wherefore art thou Romeo? ♥")
    message = romeo.read_until(lambda element: element.find(CLIENT + "body") is not None)
    tap.equal("what is typed arrives", message.findtext(CLIENT + "body"), "O Romeo, wherefore art thou Romeo? ♥")
    tap.equal("from the full JID", message.get("from"), juliet)
    for presence, shown in (
        ("<presence><show>away</show></presence>", "away"),
        ("<presence type='unavailable'/>", "offline"),
        ("<presence/>", "online"),
    ):
        romeo.send(presence)
        tap.result(screen.shows(rf"^ *romeo@{DOMAIN}[^\n]* \[{shown}\]"), f"the contact is {shown}", screen.text())


def leave(tap, screen, romeo):
    screen.type("/quit")
    tap.result(screen.shows("ended with status 0"), "profanity ends well", screen.text())
    gone = romeo.read_until(lambda element: element.get("type") == "unavailable" and "juliet" in element.get("from"))
    tap.equal("which its contact is told", gone.tag, CLIENT + "presence")


def converse(tap, port, tls):
    with Screen("profanity") as screen:
        befriend(port, "juliet", "romeo")
        romeo = Stream(port).login("romeo")
        romeo.bind("orchard")
        romeo.send("<presence/>").settle()
        log_in(tap, screen, port, tls)
        talk(tap, screen, romeo)
        leave(tap, screen, romeo)
        romeo.close()


if __name__ == "__main__":
    results = Tap()
    with Server(sys.argv[1]) as server:
        results.case("a conversation without TLS", converse, results, server.port, "disable")
    with certificate() as (file, key), Server(sys.argv[1], "--cert", file, "--key", key) as server:
        results.case("a conversation with TLS", converse, results, server.port, "trust")
    results.end()
