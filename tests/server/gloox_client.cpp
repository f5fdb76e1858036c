/*
 * A client made with gloox, which can have several resources on one stream: it binds, selects and unbinds them with the
 * library's own calls. Each step is begun by the answer to the one before. Prints TAP.
 *
 *     gloox PORT plain|tls
 */
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <gloox/client.h>
#include <gloox/connectionlistener.h>
#include <gloox/error.h>
#include <gloox/loghandler.h>
#include <gloox/message.h>
#include <gloox/messagehandler.h>
#include <string>
#include <vector>

namespace {

const char account[] = "juliet@capulet.example";
const char other[] = "romeo@capulet.example";

/* The value of an attribute of the outermost element, or nothing. gloox writes all of them with single quotes. */
std::string attribute_of(const std::string &text, const std::string &name) {
    const std::string tag = text.substr(0, text.find('>'));
    const std::string start = " " + name + "='";
    const size_t found = tag.find(start);
    if (found == std::string::npos)
        return "";
    const size_t begin = found + start.size();
    return tag.substr(begin, tag.find('\'', begin) - begin);
}

class Talk : public gloox::ConnectionListener, public gloox::MessageHandler, public gloox::LogHandler {
  public:
    Talk(int port, bool with_tls)
        : client(gloox::JID(std::string(account) + "/balcony"), "secret", port), encrypted(with_tls) {
        client.setServer("127.0.0.1");
        client.setTls(encrypted ? gloox::TLSRequired : gloox::TLSDisabled);
        client.registerConnectionListener(this);
        client.registerMessageHandler(this);
        client.logInstance().registerLogHandler(gloox::LogLevelDebug,
                                                gloox::LogAreaXmlIncoming | gloox::LogAreaXmlOutgoing, this);
    }

    /* How many results were bad. */
    int run() {
        client.connect(true);
        std::printf("1..%d\n", results);
        return failed;
    }

    void onResourceBind(const std::string &resource) override {
        bound.push_back(resource);
    }

    /* gloox says this anew after each bind, when it has asked for the roster and sent presence. */
    void onConnect() override {
        result(bound.size() == ++connects, "onConnect comes after onResourceBind");
        if (connects == 1) {
            result(bound[0] == "balcony", "the first resource is bound");
            result(client.hasResourceBind(), "the server is known to take several");
            client.bindResource("chamber");
        } else if (connects == 2) {
            result(bound[1] == "chamber", "a second one is bound");
            client.bindResource("garden");
        } else {
            result(bound[2] == "garden", "a third one is bound");
            client.bindResource("garden");
        }
    }

    void onResourceBindError(const gloox::Error *error) override {
        result(error != nullptr && error->error() == gloox::StanzaErrorConflict, "what is bound is not bound again");
        for (const char *resource : {"balcony", "garden", "chamber"}) {
            client.selectResource(resource);
            say(resource);
        }
        client.selectResource("garden");
        unbind("garden");
    }

    void handleMessage(const gloox::Message &message, gloox::MessageSession *) override {
        const gloox::Error *error = message.error();
        result(error != nullptr && error->error() == gloox::StanzaErrorUnknownSender, "what is unbound cannot send");
        client.selectResource("balcony");
        unbind("chamber");
    }

    bool onTLSConnect(const gloox::CertInfo &) override {
        result(encrypted, "with TLS");
        return true;
    }

    void onDisconnect(gloox::ConnectionError error) override {
        result(unbound == "balcony" && error == gloox::ConnStreamClosed, "which closes the stream, without an error");
    }

    /* gloox keeps the answer to an unbind for itself. */
    void handleLog(gloox::LogLevel, gloox::LogArea area, const std::string &text) override {
        if (area == gloox::LogAreaXmlOutgoing && text.find("<unbind ") != std::string::npos)
            request = attribute_of(text, "id");
        else if (area == gloox::LogAreaXmlIncoming && !request.empty() && attribute_of(text, "id") == request)
            take_unbind_answer(text);
    }

  private:
    void result(bool good, const std::string &name) {
        failed += !good;
        std::printf("%s %d - %s\n", good ? "ok" : "not ok", ++results, name.c_str());
    }

    void say(const std::string &text) {
        client.send(gloox::Message(gloox::Message::Chat, gloox::JID(other), text));
    }

    void unbind(const std::string &resource) {
        unbound = resource;
        client.unbindResource(resource);
    }

    void take_unbind_answer(const std::string &text) {
        request.clear();
        const bool is_done = attribute_of(text, "type") == "result";
        if (unbound == "garden") {
            result(is_done, "the selected one is unbound");
            say("still here?");
        } else if (unbound == "chamber") {
            result(is_done, "another one is unbound");
            unbind("cellar");
        } else if (unbound == "cellar") {
            result(!is_done && text.find("<item-not-found ") != std::string::npos, "what is not bound is not unbound");
            say("adieu");
            unbind("balcony");
        } else {
            result(is_done, "the last one is unbound");
        }
    }

    gloox::Client client;
    const bool encrypted;
    std::vector<std::string> bound;
    std::string unbound; /* what was asked to be, last */
    std::string request; /* the id of that, until it is answered */
    size_t connects = 0;
    int results = 0;
    int failed = 0;
};

} // namespace

/* gloox never gives back what it has of GnuTLS for its certificates. */
extern "C" const char *__lsan_default_options();
extern "C" const char *__lsan_default_options() {
    return "print_suppressions=0";
}
extern "C" const char *__lsan_default_suppressions();
extern "C" const char *__lsan_default_suppressions() {
    return "leak:gnutls_certificate_allocate_credentials\n";
}

int main(int count, char **arguments) {
    if (count != 3) {
        std::fputs("usage: gloox PORT plain|tls\n", stderr);
        return 2;
    }
    std::setvbuf(stdout, nullptr, _IOLBF, 0); /* a result that was reached is seen, whatever comes after it */
    Talk talk(std::atoi(arguments[1]), std::strcmp(arguments[2], "tls") == 0);
    return talk.run() == 0 ? 0 : 1;
}
