#!/bin/sh
# max-stanza-bytes: more than 16 MiB is refused by the line
cat <<'END'
open A juliet@capulet.example
A: <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
END
repeat() { head -c "$2" /dev/zero | tr '\0' "$1"; }
printf "A: <message><body>"
repeat x 16777216
printf '</body></message>\n'
