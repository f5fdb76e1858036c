#!/bin/sh
# ROST-3 RFC 6121 2.3.3: a name, or the name of a group, of 5000 octets: not-acceptable
name=$(printf '%5000s' '' | tr ' ' n)
cat <<END
im on
open A juliet@c.example
A: <iq type='set' id='b1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>a</resource></bind></iq>
A: <iq type='set' id='s1'><query xmlns='jabber:iq:roster'><item jid='romeo@m.example' name='$name'/></query></iq>
A: <iq type='set' id='s2'><query xmlns='jabber:iq:roster'><item jid='romeo@m.example'><group>$name</group></item></query></iq>
A: <iq type='get' id='r1'><query xmlns='jabber:iq:roster'/></iq>
END
