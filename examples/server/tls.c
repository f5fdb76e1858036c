/* The octets of a connection encrypted, by OpenSSL: it reads from and writes to memory, and the loop does the rest. */
#include "server.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdlib.h>

struct tls {
    SSL *ssl;
    BIO *in, *out; /* the SSL's */
};

int tls_context_new(void **context, const char *certificate, const char *key) {
    SSL_CTX *made = SSL_CTX_new(TLS_server_method());
    if (made == NULL)
        return -1;
    (void)SSL_CTX_set_min_proto_version(made, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(made, SSL_OP_NO_RENEGOTIATION);
    (void)SSL_CTX_set_mode(made, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_use_certificate_chain_file(made, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(made, key, SSL_FILETYPE_PEM) != 1 || SSL_CTX_check_private_key(made) != 1) {
        SSL_CTX_free(made);
        return -1;
    }
    *context = made;
    return 0;
}

void tls_context_free(void *context) {
    SSL_CTX_free(context);
}

int tls_new(void **tls, void *context) {
    struct tls *made = calloc(1, sizeof *made);
    if (made == NULL)
        return -1;
    made->ssl = SSL_new(context);
    made->in = BIO_new(BIO_s_mem());
    made->out = BIO_new(BIO_s_mem());
    if (made->ssl == NULL || made->in == NULL || made->out == NULL) {
        BIO_free(made->in);
        BIO_free(made->out);
        SSL_free(made->ssl);
        free(made);
        return -1;
    }
    SSL_set_bio(made->ssl, made->in, made->out);
    SSL_set_accept_state(made->ssl);
    *tls = made;
    return 0;
}

void tls_free(void *tls) {
    struct tls *made = tls;
    if (made == NULL)
        return;
    SSL_free(made->ssl);
    free(made);
}

bool tls_input(struct connection *connection, const char *data, size_t length) {
    struct tls *tls = connection->tls;
    char clear[16384];
    int count;
    ERR_clear_error();
    if (BIO_write(tls->in, data, (int)length) != (int)length)
        return false;
    while ((count = SSL_read(tls->ssl, clear, sizeof clear)) > 0 && !connection->is_closed)
        stream_input(connection, clear, (size_t)count);
    int error = SSL_get_error(tls->ssl, count);
    if (connection->is_closed)
        return true;
    if (error == SSL_ERROR_ZERO_RETURN) { /* it says that nothing follows: the connection will end, too */
        stream_end(connection);
        return true;
    }
    return error == SSL_ERROR_WANT_READ; /* what it has to say itself is written in this turn */
}

bool tls_has_output(const struct connection *connection) {
    return BIO_ctrl_pending(((const struct tls *)connection->tls)->out) > 0;
}

bool tls_output(const struct connection *connection, struct text *output, bool last) {
    const struct tls *tls = connection->tls;
    int length = (int)output->length;
    ERR_clear_error();
    if (length > 0 && SSL_write(tls->ssl, output->data, length) != length)
        return false;
    if (last)
        (void)SSL_shutdown(tls->ssl);
    char *data;
    long encrypted = BIO_get_mem_data(tls->out, &data);
    output->length = 0;
    bool taken = encrypted <= 0 || text_append(output, data, (size_t)encrypted);
    (void)BIO_reset(tls->out);
    return taken;
}
