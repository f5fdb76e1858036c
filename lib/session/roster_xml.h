/* The namespace of rosters (RFC 6121 section 2). */
#ifndef XMPPBIND_SESSION_ROSTER_XML_H
#define XMPPBIND_SESSION_ROSTER_XML_H

#define XMPPBIND_NS_ROSTER "jabber:iq:roster"

#endif
