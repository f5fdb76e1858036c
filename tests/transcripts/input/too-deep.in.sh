#!/bin/sh
# the parser follows 2,000 levels and no more
cat <<'END'
open A juliet@capulet.example
A: <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>balcony</resource></bind></iq>
END
printf "A: <message>"
i=0; while [ $i -lt 2000 ]; do printf '<a>'; i=$((i + 1)); done
i=0; while [ $i -lt 2000 ]; do printf '</a>'; i=$((i + 1)); done
printf '</message>\n'
