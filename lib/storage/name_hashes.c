#include "name_hashes.h"

XMPPBIND_NOINLINE struct xmppbind_name_hashes xmppbind_name_hashes_of_short(const struct xmppbind_hash_key *key,
                                                                            const char *jid, size_t length,
                                                                            size_t account_length) {
    uint32_t account = xmppbind_name_hash_account(key, jid, account_length);
    const char *resource = jid + account_length + 1;
    return (struct xmppbind_name_hashes){
        xmppbind_name_hash_resource(key, account, resource, length - account_length - 1), account};
}

struct xmppbind_name_hashes xmppbind_name_hashes_of(const struct xmppbind_name_key *key, const char *jid, size_t length,
                                                    size_t account_length) {
    return xmppbind_name_hashes_here(key, jid, length, account_length);
}
