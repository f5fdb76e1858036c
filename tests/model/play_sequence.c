/* A whole sequence, from a new host to the last stream. */
#include "play.h"

#include "tests/support/test_allocator.h"
#include "tests/support/test_cmocka.h"

#include <string.h>

static void set_options(xmppbind_host *host, const struct model_options *options) {
    const struct {
        int option;
        uint32_t value;
    } values[] = {
        {XMPPBIND_OPTION_MISSING_FROM, options->missing_from_rejects},
        {XMPPBIND_OPTION_UNBOUND_FROM, options->unbound_from_stamps},
        {XMPPBIND_OPTION_FOREIGN_FROM, options->foreign_from_overrides},
        {XMPPBIND_OPTION_CONFLICT, options->conflict},
        {XMPPBIND_OPTION_EMPTY_RESOURCE, options->empty_resource_generates},
        {XMPPBIND_OPTION_MAX_BIND_FAILURES, options->max_bind_failures},
        {XMPPBIND_OPTION_MAX_RESOURCES_PER_STREAM, options->max_per_stream},
        {XMPPBIND_OPTION_MAX_RESOURCES_PER_ACCOUNT, options->max_per_account},
        {XMPPBIND_OPTION_ACCOUNT_LIMIT, options->account_limit_evicts},
        {XMPPBIND_OPTION_UNBIND, options->unbind_on},
        {XMPPBIND_OPTION_STORAGE_TIMEOUT, options->storage_timeout},
        {XMPPBIND_OPTION_MAX_WAITING, options->max_waiting},
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(xmppbind_host_set_option(host, values[i].option, values[i].value), XMPPBIND_OK);
}

/* Everything goes, and what was asked is answered: nothing stays claimed but what could not be released. */
static void end(struct play *play) {
    for (int i = 0; i < MODEL_STREAMS; i++) {
        if (play->streams[i] != NULL)
            play_close(play, i);
    }
    play->model.mode = MODEL_NOW;
    play->storage.mode = TEST_STORAGE_NOW;
    while (test_storage_answer(&play->storage))
        (void)model_answer(&play->model, XMPPBIND_CONDITION_NONE);
    if (!play->failed)
        play_check(play);
    if (!play->failed && xmppbind_directory_pending(play->storage.directory) != 0)
        play_fail(play, "requests are left open");
    xmppbind_host_free(play->host);
    test_storage_tear_down(&play->storage);
    for (int i = 0; i < MODEL_STREAMS; i++) {
        test_text_free(&play->lines[i]);
        test_text_free(&play->model.streams[i].lines);
    }
}

int sequence_play(const struct sequence *sequence, struct test_text *trouble) {
    struct test_allocator source;
    static struct play played; /* large, and used again for each sequence */
    struct play *play = &played;
    memset(play, 0, sizeof *play);
    test_allocator_set_up(&source);
    play->trouble = trouble;
    play->now = 1000;
    play->model.options = sequence->options;
    assert_int_equal(xmppbind_host_new(&play->host, source.allocator), XMPPBIND_OK);
    set_options(play->host, &sequence->options);
    test_storage_set_up(&play->storage, play->host, source.allocator);
    for (size_t i = 0; i < sequence->length && !play->failed; i++) {
        play_step(play, &sequence->steps[i]);
        play_drain(play);
        if (!play->failed)
            play_check(play);
        if (play->failed)
            test_text_format(trouble, "at step %zu\n", i);
    }
    end(play);
    test_allocator_tear_down(&source);
    return play->failed;
}
