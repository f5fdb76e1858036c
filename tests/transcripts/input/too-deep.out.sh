#!/bin/sh
cat <<'END'
A features <stream:features xmlns:stream="http://etherx.jabber.org/streams"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><required/></bind><unbind xmlns="urn:ietf:params:xml:ns:xmpp-bind"/></stream:features>
A opened juliet@capulet.example/balcony
A send <iq type="result" id="b1"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind"><jid>juliet@capulet.example/balcony</jid></bind></iq>
END
echo 'error 3 not one well-formed element without a DTD'
