/* Stream features: FEAT-1 to FEAT-4. */
#include "draft.h"
#include "xmppbind/stanza.h"

int xmppbind_stream_add_features(const xmppbind_stream *stream, xmlNode *features) {
    if (stream == NULL || features == NULL)
        return XMPPBIND_ERROR_INVALID_ARGUMENT;
    uint32_t offers = xmppbind_stream_offers(stream);
    xmlNode draft, *bind;
    xmppbind_draft_begin(&draft, features);
    int result = xmppbind_draft_child(&draft, "bind", XMPPBIND_NS_BIND, &bind);
    if (result == XMPPBIND_OK && (offers & XMPPBIND_OFFER_REQUIRED) != 0)
        result = xmppbind_draft_child(bind, "required", NULL, NULL);
    if (result == XMPPBIND_OK && (offers & XMPPBIND_OFFER_UNBIND) != 0)
        result = xmppbind_draft_child(&draft, "unbind", XMPPBIND_NS_BIND, NULL);
    if (result == XMPPBIND_OK)
        xmppbind_draft_move_children(&draft, features);
    else
        xmppbind_draft_drop(&draft);
    return result;
}

const char *xmppbind_stream_features_bytes(const xmppbind_stream *stream, size_t *length) {
    static const char *const texts[2][2] = {
        {"<bind xmlns=\"" XMPPBIND_NS_BIND "\"/>", "<bind xmlns=\"" XMPPBIND_NS_BIND "\"><required/></bind>"},
        {"<bind xmlns=\"" XMPPBIND_NS_BIND "\"/><unbind xmlns=\"" XMPPBIND_NS_BIND "\"/>",
         "<bind xmlns=\"" XMPPBIND_NS_BIND "\"><required/></bind><unbind xmlns=\"" XMPPBIND_NS_BIND "\"/>"}};
    uint32_t offers = xmppbind_stream_offers(stream);
    const char *text =
        stream == NULL ? NULL : texts[(offers & XMPPBIND_OFFER_UNBIND) != 0][(offers & XMPPBIND_OFFER_REQUIRED) != 0];
    if (length != NULL)
        *length = text == NULL ? 0 : strlen(text);
    return text;
}
