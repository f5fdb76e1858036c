"""What octets become elements, and when: python3 parser_test.py SERVER. Prints TAP."""

import sys

from harness import CLIENT, DOMAIN, Server, Stream, Tap, condition_of, text_of

ME = f"juliet@{DOMAIN}/a"
HEADER = (
    f"<?xml version='1.0'?><stream:stream to='{DOMAIN}' version='1.0' xml:lang='en' xmlns='jabber:client'"
    " xmlns:stream='http://etherx.jabber.org/streams' xmlns:x='urn:example:x'>"
)
WRONG = "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGEAYg==</auth>"


def strangers_at_once(server):
    """The header and what is behind it in one piece: each element makes a new parser, which needs the header."""
    stream = Stream(server.port).send(HEADER + 3 * WRONG)
    names = [stream.read().tag.split("}")[1] for _ in range(4)]
    assert names == ["features", "failure", "failure", "failure"], names
    stream.close()


def logged_in(server):
    """A stream of juliet that has the header above twice, and a resource."""
    stream = Stream(server.port).send(HEADER)
    stream.read()
    stream.send("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>AGp1bGlldABzZWNyZXQ=</auth>")
    assert stream.read().tag.endswith("success")
    stream.restart()
    stream.send(HEADER).read()
    assert stream.bind("a") == ME
    return stream


def renewed(server):
    """With --limit names=8 the parser is a new one after almost every stanza: prefixes of the header go on."""
    stream = logged_in(server)
    for number in range(50):
        message = (
            f"<message to='{ME}' id='{number}' xml:lang='it'><x:n{number} x:a{number}='1'/>"
            f"<p:q{number} xmlns:p='urn:example:p{number}'/><body>é{number}</body></message>"
        )
        stream.send(message * 2)
    for number in range(50):
        for _ in range(2):
            element = stream.read()
            assert element.get("id") == str(number), text_of(element)
            assert element.find(f"{{urn:example:x}}n{number}").get(f"{{urn:example:x}}a{number}") == "1"
            assert element.find(f"{{urn:example:p{number}}}q{number}") is not None
            assert element.findtext(CLIENT + "body") == f"é{number}"
            assert element.get("{http://www.w3.org/XML/1998/namespace}lang") == "it"
    stream.close()


def octet_by_octet(server):
    """However it is cut, also within characters and line ends."""
    stream = logged_in(server)
    text = f"<message to='{ME}' id='1'><body>é\r\n\U0001f600&amp;]]&gt;<![CDATA[<x>]]></body></message>\r\n "
    for octet in (text * 3).encode():
        stream.send(bytes([octet]))
    for _ in range(3):
        body = stream.read().findtext(CLIENT + "body")
        assert body == "é\n\U0001f600&]]><x>", repr(body)
    stream.close()


def namespaces(server):
    """The clients' namespace may be written in every way, and is the default in what is sent."""
    stream = logged_in(server)
    for text in (
        f"<message to='{ME}'><body>1</body></message>",
        f"<message xmlns='jabber:client' to='{ME}'><body>1</body></message>",
        f"<c:message xmlns:c='jabber:client' to='{ME}'><c:body>1</c:body></c:message>",
        f"<message to='{ME}'><c:body xmlns:c='jabber:client'>1</c:body></message>",
    ):
        element = stream.send(text).read()
        assert element.tag == CLIENT + "message" and element.findtext(CLIENT + "body") == "1", text_of(element)
    forwarded = (
        f"<message to='{ME}'><f xmlns='urn:example:f'><message xmlns='jabber:client'><body>1</body></message>"
        "<n xmlns=''/></f></message>"
    )
    element = stream.send(forwarded).read()
    inner = element.find("{urn:example:f}f")
    assert inner.findtext(f"{CLIENT}message/{CLIENT}body") == "1" and inner.find("n") is not None, text_of(element)
    stream.close()


def refused(server, text, condition):
    """After a good stanza, which is still dealt with; what is behind it is not."""
    stream = logged_in(server)
    stream.send(f"<message to='{ME}' id='before'/>".encode())
    assert stream.read().get("id") == "before"
    stream.send(text if isinstance(text, bytes) else text.encode())
    elements = stream.read_to_end()
    assert [condition_of(element) for element in elements] == [condition], [text_of(element) for element in elements]
    assert stream.ended


def together(server):
    """In one piece: what stands before the error is dealt with."""
    stream = logged_in(server)
    elements = stream.send(f"<message to='{ME}' id='1'/><message to='{ME}' id='2'/><!-- --><message/>").read_to_end()
    assert [element.get("id") for element in elements[:2]] == ["1", "2"], elements
    assert condition_of(elements[2]) == "restricted-xml" and len(elements) == 3


REFUSED = (
    ("a comment", "<!-- -->", "restricted-xml"),
    ("a comment in a stanza", f"<message to='{ME}'><!-- --></message>", "restricted-xml"),
    ("an instruction", "<?x y?>", "restricted-xml"),
    ("a declaration in the middle", "<?xml version='1.0'?><message/>", "not-well-formed"),
    ("an entity", f"<message to='{ME}'><body>&x;</body></message>", "restricted-xml"),
    ("text between stanzas", "x<message/>", "bad-format"),
    ("CDATA between stanzas", "<![CDATA[ ]]><message/>", "bad-format"),
    ("a document type in the middle", "<!DOCTYPE x [<!ENTITY y 'z'>]><message/>", "not-well-formed"),
    ("an undeclared prefix", "<y:message/>", "not-well-formed"),
    ("an attribute with an undeclared prefix", "<message y:a='b'/>", "not-well-formed"),
    ("a wrong end", "<message></iq>", "not-well-formed"),
    ("an attribute twice", "<message to='a' to='b'/>", "not-well-formed"),
    ("an attribute twice by two prefixes", "<message xmlns:y='u' xmlns:z='u' y:a='1' z:a='2'/>", "not-well-formed"),
    ("a prefix for nothing", "<message xmlns:y=''/>", "not-well-formed"),
    ("the prefix of prefixes", "<message xmlns:xmlns='u'/>", "not-well-formed"),
    ("no namespace at all", "<message xmlns=''/>", "invalid-namespace"),
    ("what is no stanza", "<x:message/>", "unsupported-stanza-type"),
    ("no UTF-8", b"<message><body>\xc3</body></message>", "unsupported-encoding"),
    ("a surrogate", b"<message><body>\xed\xa0\x80</body></message>", "unsupported-encoding"),
    ("a NUL", b"<message><body>\x00</body></message>", "unsupported-encoding"),
    ("a control character", b"<message><body>\x01</body></message>", "not-well-formed"),
    ("a reference to one", "<message><body>&#1;</body></message>", "not-well-formed"),
)


def main():
    tap = Tap()
    with Server(sys.argv[1]) as server, Server(sys.argv[1], "--limit", "names=8") as renewing:
        tap.case("strangers' elements behind the header, in one piece", strangers_at_once, server)
        tap.case("names beyond the limit: a new parser, unseen", renewed, renewing)
        for where, name in ((server, "with one parser"), (renewing, "with new parsers")):
            tap.case(f"octet by octet, {name}", octet_by_octet, where)
            tap.case(f"the namespace of clients, {name}", namespaces, where)
            tap.case(f"before an error, {name}", together, where)
            for what, text, condition in REFUSED:
                tap.case(f"{what}: {condition}, {name}", refused, where, text, condition)
    tap.end()


main()
