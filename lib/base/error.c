#include "xmppbind/base.h"

struct error {
    int number;
    const char *name;
    const char *meaning;
};

#define ERROR(name, meaning)                                                                                           \
    { name, #name, meaning }

static const struct error errors[] = {
    ERROR(XMPPBIND_OK, "no error"),
    ERROR(XMPPBIND_ERROR_NO_MEMORY, "out of memory"),
    ERROR(XMPPBIND_ERROR_INVALID_ARGUMENT, "invalid argument"),
    ERROR(XMPPBIND_ERROR_REENTRANT, "called from a callback of a call that is still running on this object"),
    ERROR(XMPPBIND_ERROR_STATE, "not possible at this point"),
    ERROR(XMPPBIND_ERROR_CLOSED, "the stream is over"),
    ERROR(XMPPBIND_ERROR_QUEUE_FULL, "too many events wait to be drained"),
    ERROR(XMPPBIND_ERROR_WAITING_FULL, "too many stanzas wait for storage"),
    ERROR(XMPPBIND_ERROR_WAITING, "a bind or unbind waits for storage"),
    ERROR(XMPPBIND_ERROR_UNKNOWN_REQUEST, "no such request is open"),
    ERROR(XMPPBIND_ERROR_UNKNOWN_CLAIM, "no such claim is held here"),
    ERROR(XMPPBIND_ERROR_UNKNOWN_OPTION, "no such option"),
    ERROR(XMPPBIND_ERROR_OPTION_VALUE, "the option does not take this value"),
    ERROR(XMPPBIND_ERROR_RANDOM, "the source of random octets failed"),
    ERROR(XMPPBIND_ERROR_NOT_A_STANZA, "no message, presence or IQ of a client"),
    ERROR(XMPPBIND_ERROR_NOT_WELL_FORMED, "not one well-formed element without a DTD"),
    ERROR(XMPPBIND_ERROR_TOO_LARGE, "the stanza is too large"),
    ERROR(XMPPBIND_ERROR_UNKNOWN_SENDER, "'from' does not name a resource of the stream"),
    ERROR(XMPPBIND_ERROR_JID_MALFORMED, "'from' is no valid address"),
    ERROR(XMPPBIND_ERROR_INVALID_FROM, "'from' is of another account"),
    ERROR(XMPPBIND_ERROR_NOT_BOUND, "no resource is bound yet"),
    ERROR(XMPPBIND_ERROR_ADDRESS_EMPTY, "a part of the address is empty"),
    ERROR(XMPPBIND_ERROR_ADDRESS_TOO_LONG, "a part of the address is too long"),
    ERROR(XMPPBIND_ERROR_ADDRESS_NOT_UTF8, "the address is not valid UTF-8"),
    ERROR(XMPPBIND_ERROR_ADDRESS_FORBIDDEN, "the address has a code point that is not allowed there"),
    ERROR(XMPPBIND_ERROR_ADDRESS_DOMAIN, "the domain of the address is no domain name and no IP address"),
    ERROR(XMPPBIND_ERROR_ADDRESS_UNSUPPORTED, "this address profile is not supported beyond ASCII by this build"),
    ERROR(XMPPBIND_ERROR_ADDRESS_CONTEXT, "the address has a code point that is not allowed beside its neighbours"),
    ERROR(XMPPBIND_ERROR_ADDRESS_BIDI, "the address mixes right-to-left and left-to-right against the bidi rule"),
    ERROR(XMPPBIND_ERROR_STORE_UNSUPPORTED, "this build has no SQLite"),
    ERROR(XMPPBIND_ERROR_STORE_OPEN, "the file of the store cannot be opened"),
    ERROR(XMPPBIND_ERROR_STORE_DAMAGED, "the file of the store is damaged or no database"),
    ERROR(XMPPBIND_ERROR_STORE_READ_ONLY, "the file of the store may not be written"),
    ERROR(XMPPBIND_ERROR_STORE_NEWER, "the file of the store is of a newer version"),
    ERROR(XMPPBIND_ERROR_STORE_FULL, "the disk with the file of the store is full"),
    ERROR(XMPPBIND_ERROR_STORE_BUSY, "another process holds the file of the store"),
    ERROR(XMPPBIND_ERROR_STORE_FOREIGN, "the file belongs to another program"),
    ERROR(XMPPBIND_ERROR_STORE_INPUT_OUTPUT, "reading or writing the file of the store failed"),
};

static const struct error *find(int number) {
    static const struct error unknown = {0, "unknown", "unknown error"};
    for (unsigned i = 0; i < sizeof errors / sizeof errors[0]; i++)
        if (errors[i].number == number)
            return &errors[i];
    return &unknown;
}

const char *xmppbind_strerror(int error) {
    return find(error)->meaning;
}

const char *xmppbind_error_name(int error) {
    return find(error)->name;
}
