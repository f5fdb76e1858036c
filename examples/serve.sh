#!/bin/sh
# Starts the server on a loopback address with two accounts, and says how to talk to it. It ends with Ctrl-C.
# usage: serve.sh SERVER [PORT]
set -eu
server=$1
port=${2:-5222}
cat <<END
A server for capulet.example at 127.0.0.1:$port, without encryption, for this machine alone; Ctrl-C ends it.
Two accounts, juliet and romeo, each with the password "secret". To talk to it, in other terminals:

  profanity           /connect juliet@capulet.example server 127.0.0.1 port $port tls disable
                      the password, then: /msg romeo@capulet.example Wherefore art thou?
  slixmpp             examples/talk.py romeo secret 127.0.0.1 $port
  several programs    build/examples/multiplexer --connect 127.0.0.1:$port --jid juliet@capulet.example \\
  on one stream           --password secret --socket /tmp/juliet

END
exec "$server" --listen "127.0.0.1:$port" --domain capulet.example --account juliet:secret --account romeo:secret --log info
