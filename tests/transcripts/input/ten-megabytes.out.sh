#!/bin/sh
cat <<'END'
A features <stream:features xmlns:stream="http://etherx.jabber.org/streams"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><required/></bind><unbind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></stream:features>
A opened juliet@capulet.example/balcony
A send <iq type="result" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>juliet@capulet.example/balcony</jid></bind></iq>
END
repeat() { head -c "$2" /dev/zero | tr '\0' "$1"; }
printf 'A route <message from="juliet@capulet.example/balcony"><body>'
repeat x 10000000
printf '</body></message>\n'
