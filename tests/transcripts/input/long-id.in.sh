#!/bin/sh
# BIND-1 FROM-7: an id of 64 KB comes back whole
cat <<'END'
open A juliet@capulet.example
A: <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
END
repeat() { head -c "$2" /dev/zero | tr '\0' "$1"; }
printf "A: <iq type='set' id='"
repeat i 65536
printf "'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>\n"
