#!/bin/sh
# FROM-2: a stanza of 10 MB is stamped like any other
cat <<'END'
open A juliet@capulet.example
A: <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
END
repeat() { head -c "$2" /dev/zero | tr '\0' "$1"; }
printf "A: <message><body>"
repeat x 10000000
printf '</body></message>\n'
