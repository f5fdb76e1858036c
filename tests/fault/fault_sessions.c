/* The flow with sessions: presence, roster, subscriptions, privacy lists, delivery, of one account with two streams. */
#include "fault_step.h"
#include "tests/support/test_events.h"
#include "tests/support/test_xml.h"

#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#define BIND(id, resource)                                                                                             \
    "<iq type='set' id='" id "'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>" resource                    \
    "</resource></bind></iq>"
#define ROSTER(type, id, content)                                                                                      \
    "<iq type='" type "' id='" id "'><query xmlns='jabber:iq:roster'" content "</query></iq>"
#define PRIVACY(type, id, content)                                                                                     \
    "<iq type='" type "' id='" id "'><query xmlns='jabber:iq:privacy'>" content "</query></iq>"
#define ROMEO "romeo@montague.example"
#define JULIET "juliet@capulet.example"

const struct fault_step fault_session_steps[] = {
    {FAULT_OPEN, 0, JULIET},
    {FAULT_RECEIVE, 0, BIND("b1", "balcony")},
    {FAULT_RECEIVE, 0, ROSTER("get", "r1", " ver=''>")},
    {FAULT_RECEIVE, 0, "<presence id='p1'><priority>1</priority><show>chat</show></presence>"},
    {FAULT_RECEIVE, 0,
     ROSTER("set", "r2", "><item jid='" ROMEO "' name='Romeo'><group>Friends</group><group>Verona</group></item>")},
    {FAULT_RECEIVE, 0, "<presence type='subscribe' to='" ROMEO "' id='s1'/>"},
    {FAULT_DELIVER, 0, "<presence type='subscribed' to='" JULIET "' from='" ROMEO "'/>"},
    {FAULT_DELIVER, 1, "<presence type='subscribe' to='" JULIET "' from='" ROMEO "' id='s2'><nick>R</nick></presence>"},
    {FAULT_DELIVER, 0, "<presence type='subscribe' to='" JULIET "' from='nurse@capulet.example'/>"},
    {FAULT_RECEIVE, 0, "<presence type='subscribed' to='" ROMEO "'/>"},
    {FAULT_OPEN, 1, JULIET},
    {FAULT_RECEIVE, 1, BIND("b2", "chamber")},
    {FAULT_RECEIVE, 1, BIND("b3", "garden")},
    {FAULT_RECEIVE, 1, ROSTER("get", "r3", ">")},
    {FAULT_RECEIVE, 1, ROSTER("get", "r4", " ver='1001'>")},
    {FAULT_RECEIVE, 1, "<presence from='" JULIET "/chamber'/>"},
    {FAULT_RECEIVE, 1, "<presence from='" JULIET "/garden'><priority>-1</priority></presence>"},
    {FAULT_RECEIVE, 1, "<presence from='" JULIET "/garden'><priority>x</priority></presence>"},
    {FAULT_RECEIVE, 1, "<presence to='friar@verona.example/cell' from='" JULIET "/chamber'/>"},
    {FAULT_DELIVER, 0, "<presence type='probe' to='" JULIET "' from='" ROMEO "/orchard'/>"},
    {FAULT_DELIVER, 0, "<presence type='probe' to='" JULIET "' from='tybalt@capulet.example'/>"},
    {FAULT_DELIVER, 1, "<presence to='" JULIET "' from='" ROMEO "/orchard'><status>here</status></presence>"},
    {FAULT_DELIVER, 0, "<message to='" JULIET "' from='" ROMEO "/orchard' type='headline'><body>hi</body></message>"},
    {FAULT_DELIVER, 1, "<message to='" JULIET "/chamber' from='" ROMEO "/orchard'><body>hi</body></message>"},
    {FAULT_DELIVER, 0, "<message to='" JULIET "' from='" ROMEO "/orchard' type='groupchat'><body>hi</body></message>"},
    {FAULT_DELIVER, 0, "<iq type='get' id='q1' to='" JULIET "/nowhere' from='" ROMEO "/orchard'><query/></iq>"},
    {FAULT_DELIVER, 0, "<iq type='get' id='q2' to='" JULIET "' from='" ROMEO "/orchard'><query/></iq>"},
    {FAULT_RECEIVE, 0, "<message id='m1'><body>to myself</body></message>"},
    {FAULT_RECEIVE, 0, "<iq type='result' id='push'/>"},
    {FAULT_RECEIVE, 0,
     PRIVACY("set", "l1",
             "<list name='closed'><item type='group' value='Friends' action='deny' order='2'>"
             "<presence-out/><message/></item><item action='allow' order='9'/></list>")},
    {FAULT_RECEIVE, 0, PRIVACY("get", "l2", "<list name='closed'/>")},
    {FAULT_RECEIVE, 0, PRIVACY("set", "l3", "<active name='closed'/>")},
    {FAULT_RECEIVE, 0,
     PRIVACY("set", "l4", "<list name='closed'><item type='jid' value='" ROMEO "' action='deny' order='1'/></list>")},
    {FAULT_RECEIVE, 0, "<message to='" ROMEO "' id='m2'><body>no</body></message>"},
    {FAULT_RECEIVE, 0, PRIVACY("get", "l5", "")},
    {FAULT_RECEIVE, 0, PRIVACY("set", "l6", "<active/>")},
    {FAULT_RECEIVE, 0, PRIVACY("set", "l7", "<list name='other'><item action='deny' order='1'><iq/></item></list>")},
    {FAULT_RECEIVE, 0, PRIVACY("set", "l8", "<default name='other'/>")},
    {FAULT_DELIVER, 0, "<iq type='get' id='q3' to='" JULIET "/balcony' from='" ROMEO "/orchard'><query/></iq>"},
    {FAULT_RECEIVE, 0, PRIVACY("set", "l9", "<list name='closed'/>")},
    {FAULT_RECEIVE, 0, ROSTER("set", "r5", "><item jid='friar@verona.example'/><item jid='x@y'/>")},
    {FAULT_DELIVER, 0, "<presence type='unsubscribe' to='" JULIET "' from='" ROMEO "'/>"},
    {FAULT_RECEIVE, 0, "<presence type='unsubscribed' to='nurse@capulet.example'/>"},
    {FAULT_RECEIVE, 0, ROSTER("set", "r6", "><item jid='" ROMEO "' subscription='remove'/>")},
    {FAULT_RECEIVE, 1,
     "<message to='" ROMEO "' id='m9' xml:lang='it'><!-- c --><?p i?><a:b xmlns:a='urn:a' a:c='d'>"
     "<![CDATA[x<]]>&amp;</a:b></message>"},
    {FAULT_RECEIVE, 1,
     "<presence from='" JULIET "/chamber' xml:lang='it' id='p9'><!-- c --><?p i?><a:b xmlns:a='urn:a' "
     "a:c='d'><a:e/><f><![CDATA[x<]]></f>&amp;</a:b></presence>"},
    {FAULT_RECEIVE, 1, "<presence to='friar@verona.example/cell' from='" JULIET "/chamber' type='unavailable'/>"},
    {FAULT_RECEIVE, 1, "<presence to='friar@verona.example/cell' from='" JULIET "/garden'/>"},
    {FAULT_RECEIVE, 1, "<presence to='nurse@capulet.example' from='" JULIET "/garden'/>"},
    {FAULT_RECEIVE, 1, "<presence type='unknown' id='p8' to='nurse@capulet.example' from='" JULIET "/garden'/>"},
    {FAULT_RECEIVE, 1, "<iq type='get' id='v' from='" JULIET "/garden'><query xmlns='jabber:iq:version'/></iq>"},
    {FAULT_RECEIVE, 1,
     "<iq type='set' id='r7' from='" JULIET "/garden'><query xmlns='jabber:iq:roster'><item "
     "jid='nurse@capulet.example' name='Nurse'><group>a</group></item></query></iq>"},
    {FAULT_RECEIVE, 1,
     "<iq type='set' id='l7' from='" JULIET "/garden'><query xmlns='jabber:iq:privacy'><active "
     "name='nowhere'/></query></iq>"},
    {FAULT_DELIVER, 1, "<message to='nobody@capulet.example' from='" ROMEO "'/>"},
    {FAULT_SILENCE, 0, "on"},
    {FAULT_RECEIVE, 0, ROSTER("set", "r8", "><item jid='friar@verona.example'/>")},
    {FAULT_RECEIVE, 0, "<message to='" ROMEO "' id='m8'/>"},
    {FAULT_RECEIVE, 1,
     "<iq type='set' id='r9' from='" JULIET "/garden'><query xmlns='jabber:iq:roster'><item "
     "jid='friar@verona.example' name='F'/></query></iq>"},
    {FAULT_DELIVER, 1, "<presence type='subscribe' to='" JULIET "' from='tybalt@capulet.example'/>"},
    {FAULT_DELIVER, 1, "<message to='county@paris.example' from='tybalt@capulet.example'/>"},
    {FAULT_EXPIRE, 0, "1"},
    {FAULT_EXPIRE, 0, "30001"},
    {FAULT_SILENCE, 0, "off"},
    {FAULT_RECEIVE, 0, ROSTER("get", "r10", ">")},
    {FAULT_RECEIVE, 0, "<presence type='unavailable'><status>bye</status></presence>"},
    {FAULT_RECEIVE, 0, "<presence type='subscribe' to='" JULIET "'/>"},
    {FAULT_DISCONNECT, 0, NULL},
    {FAULT_FREE, 1, NULL},
    {FAULT_DELIVER, 0, "<message to='" JULIET "' from='" ROMEO "/orchard'><body>are you there?</body></message>"},
    {FAULT_DELIVER, 0, "<presence type='subscribe' to='" JULIET "' from='" ROMEO "'/>"},
    {FAULT_OPEN, 1, JULIET},
    {FAULT_RECEIVE, 1, BIND("b4", "orchard")},
    {FAULT_RECEIVE, 1, PRIVACY("set", "l10", "<list name='second'><item order='1' action='allow'/></list>")},
    {FAULT_FREE, 1, NULL},
    {FAULT_OPEN, 1, JULIET},
    {FAULT_RECEIVE, 1, BIND("b5", "orchard")},
    {FAULT_RECEIVE, 1, PRIVACY("get", "l11", "")},
    {FAULT_RECEIVE, 1, ROSTER("get", "r11", ">")},
    {FAULT_RECEIVE, 1, ROSTER("get", "r13", " ver='10'>")},
    {FAULT_SILENCE, 0, "on"},
    {FAULT_RECEIVE, 1, ROSTER("set", "r12", "><item jid='friar@verona.example' subscription='remove'/>")},
    {FAULT_RECEIVE, 1, "<message to='" ROMEO "' id='m10'/>"},
    {FAULT_FREE, 1, NULL},
    {FAULT_SILENCE, 0, "off"},
    {FAULT_END, 0, NULL},
};

static int ask(const xmppbind_store_request *request, void *user_data) {
    struct fault_play *play = user_data;
    if (play->plan->storage != FAULT_STORAGE_LATER && !play->silent)
        return xmppbind_memory_store_answer(play->memory_store, play->store, request);
    assert_true(play->held_count < FAULT_HELD);
    play->held[play->held_count++] = request;
    return 0;
}

/* Versions are the same in each play. */
static int no_random(uint8_t *octets, size_t length, void *user_data) {
    (void)user_data;
    memset(octets, 0, length);
    return 0;
}

/* Of the accounts here one does not exist (RFC 6121 8.5.1). */
static int exists(const char *account, size_t length, void *user_data) {
    (void)length;
    (void)user_data;
    return strcmp(account, "nobody@capulet.example") != 0;
}

static int make(struct fault_play *play) {
    int shared = play->plan->storage == FAULT_STORAGE_SHARED;
    if (play->store == NULL) {
        int result = xmppbind_store_new(&play->store, shared ? play->source.allocator : NULL);
        if (result != XMPPBIND_OK)
            return result;
        (void)xmppbind_store_set_roster(play->store, ask, ask, ask, play);
        (void)xmppbind_store_set_lists(play->store, ask, ask, ask, ask, play);
    }
    int result = xmppbind_sessions_new(&play->sessions, play->host, play->store);
    return result == XMPPBIND_OK ? xmppbind_sessions_set_account(play->sessions, exists, NULL) : result;
}

void fault_sessions_set_up(struct fault_play *play) {
    int result;
    assert_int_equal(xmppbind_memory_store_new(&play->memory_store, NULL, no_random, NULL), XMPPBIND_OK);
    do {
        fault_arm(1);
        result = make(play);
        fault_arm(0);
    } while (fault_again(play, result));
}

void fault_sessions_tear_down(struct fault_play *play) {
    fault_arm(1);
    xmppbind_sessions_free(play->sessions);
    fault_arm(0);
    play->silent = 0;
    while (fault_sessions_answer(play))
        ;
    xmppbind_store_free(play->store);
    xmppbind_memory_store_free(play->memory_store);
}

int fault_sessions_answer(struct fault_play *play) {
    if (play->held_count == 0 || play->silent)
        return 0;
    const xmppbind_store_request *request = play->held[0];
    play->held_count--;
    memmove(play->held, play->held + 1, play->held_count * sizeof play->held[0]);
    assert_int_equal(xmppbind_memory_store_answer(play->memory_store, play->store, request), XMPPBIND_OK);
    return 1;
}

/* A host may build a tree in which the value of an attribute is several pieces of text. */
static void split_attributes(xmlNode *node) {
    for (xmlAttr *attribute = node->properties; attribute != NULL; attribute = attribute->next) {
        xmlNode *more = xmlNewText(attribute->children->content + 1);
        attribute->children->content[1] = '\0';
        more->parent = (xmlNode *)attribute;
        more->prev = attribute->children;
        attribute->children->next = attribute->last = more;
    }
    for (xmlNode *child = node->children; child != NULL; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            split_attributes(child);
}

int fault_sessions_receive(struct fault_play *play, const struct fault_step *step, int *result) {
    if (step->stream != 1 || strstr(step->text, "xmpp-bind") != NULL)
        return 0;
    xmlNode *node = test_node(step->text);
    split_attributes(node);
    fault_arm(1);
    *result = xmppbind_stream_receive(play->streams[1], node);
    fault_arm(0);
    if (*result != XMPPBIND_OK)
        xmlFreeNode(node);
    return 1;
}

void fault_sessions_expire(struct fault_play *play, const struct fault_step *step) {
    int result;
    do {
        fault_arm(1);
        result = xmppbind_sessions_expire(play->sessions, strtoul(step->text, NULL, 10));
        fault_arm(0);
    } while (fault_again(play, result));
    assert_true(play->dead || result == XMPPBIND_OK);
}

/* In a tree, the namespaces of which it needs. */
static int deliver_node(struct fault_play *play, const char *text) {
    xmlNode *node = test_node(text), *tree = test_node("<c:stream xmlns:c='jabber:client'/>");
    split_attributes(node);
    xmlAddChild(tree, node);
    xmlSetNs(node, tree->nsDef);
    fault_arm(1);
    int result = xmppbind_sessions_deliver(play->sessions, node);
    fault_arm(0);
    assert_true((tree->children == NULL) == (result == XMPPBIND_OK));
    xmlFreeNode(tree);
    return result;
}

void fault_sessions_deliver(struct fault_play *play, const struct fault_step *step) {
    int result;
    do {
        if (step->stream == 1) {
            result = deliver_node(play, step->text);
        } else {
            fault_arm(1);
            result = xmppbind_sessions_deliver_bytes(play->sessions, step->text, strlen(step->text));
            fault_arm(0);
        }
    } while (fault_again(play, result));
    assert_true(play->dead || result == XMPPBIND_OK);
}

static void show(struct fault_play *play, xmppbind_event *event) {
    const char *text = NULL;
    size_t length = 0;
    int result;
    do {
        fault_arm(1);
        result = xmppbind_sessions_event_bytes(play->sessions, event, &text, &length);
        fault_arm(0);
    } while (fault_again(play, result));
    if (result == XMPPBIND_OK)
        test_text_format(play->lines, "%s %s\n", xmppbind_event_kind(event) == XMPPBIND_EVENT_HOST ? "host" : "route",
                         text);
}

void fault_sessions_drain(struct fault_play *play) {
    xmppbind_event *event = NULL;
    while (play->sessions != NULL && !play->dead) {
        fault_arm(1);
        int result = xmppbind_sessions_next_event(play->sessions, &event);
        fault_arm(0);
        if (fault_again(play, result))
            continue;
        if (result != 1)
            break;
        show(play, event);
    }
}
