#!/bin/sh
# FROM-2: 1,000 levels deep
cat <<'END'
open A juliet@capulet.example
A: <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
END
printf "A: <message>"
i=0; while [ $i -lt 999 ]; do printf '<a>'; i=$((i + 1)); done
i=0; while [ $i -lt 999 ]; do printf '</a>'; i=$((i + 1)); done
printf '</message>\n'
