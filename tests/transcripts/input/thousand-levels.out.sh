#!/bin/sh
cat <<'END'
A features <stream:features xmlns:stream="http://etherx.jabber.org/streams"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><required/></bind><unbind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></stream:features>
A opened juliet@capulet.example/balcony
A send <iq type="result" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>juliet@capulet.example/balcony</jid></bind></iq>
END
printf 'A route <message from="juliet@capulet.example/balcony">'
i=0; while [ $i -lt 998 ]; do printf '<a>'; i=$((i + 1)); done
printf '<a/>'
i=0; while [ $i -lt 998 ]; do printf '</a>'; i=$((i + 1)); done
printf '</message>\n'
