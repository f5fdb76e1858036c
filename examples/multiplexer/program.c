/* The local programs, each on a connection of the Unix socket. */
#include "multiplexer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    MOST_PROGRAMS = 100,
    MOST_WAITING = 1024 * 1024, /* octets that a program has not read; beyond this it is dropped: others do not wait */
    BACKLOG = 16
};

/* --- the end of a program --- */

static void forget(uv_handle_t *handle) {
    struct program *program = handle->data;
    struct program **place = &program->multiplexer->programs;
    while (*place != program)
        place = &(*place)->next;
    *place = program->next;
    program->multiplexer->program_count--;
    reader_stop(&program->reader);
    text_free(&program->input);
    free(program);
}

static void leave(struct program *program, bool still_bound) {
    if (program->state == PROGRAM_BOUND)
        log_line(program->multiplexer, LOG_INFO, "%s leaves", program->jid.text);
    if (program->state == PROGRAM_BOUND && still_bound)
        request_unbind(program->multiplexer, &program->jid);
    program->state = PROGRAM_ENDED;
    program->request = 0;
}

void program_drop(struct program *program) {
    leave(program, true);
    if (!uv_is_closing((uv_handle_t *)&program->pipe))
        uv_close((uv_handle_t *)&program->pipe, forget);
}

static void written(uv_write_t *request, int status) {
    struct program *program = request->handle->data;
    free(request);
    if (status < 0)
        program_drop(program);
}

static void shut_down(uv_shutdown_t *request, int status) {
    (void)status;
    program_drop(request->handle->data);
}

static void write_words(struct program *program, const char *first, const char *second) {
    struct text line = {NULL, 0, 0};
    text_add(&line, first);
    text_add(&line, second);
    text_add(&line, "\n");
    write_text((uv_stream_t *)&program->pipe, &line, written);
    text_free(&line);
}

static void end_with(struct program *program, const char *word, const char *reason, bool still_bound) {
    uv_stream_t *stream = (uv_stream_t *)&program->pipe;
    if (program->state == PROGRAM_ENDED)
        return;
    leave(program, still_bound);
    (void)uv_read_stop(stream);
    write_words(program, word, reason);
    if (uv_shutdown(&program->shutdown, stream, shut_down) != 0)
        program_drop(program);
}

void program_end(struct program *program, const char *reason, bool still_bound) {
    end_with(program, "closed ", reason, still_bound);
}

/* --- from a program --- */

static bool take_stanza(void *owner, xmlNode *stanza) {
    struct program *program = owner;
    if (stanza == NULL)
        program_drop(program);
    else
        resources_send(program, stanza);
    return program->state == PROGRAM_BOUND;
}

static void take_stanzas(struct program *program, const char *octets, size_t length) {
    const char *fault = reader_feed(&program->reader, octets, length, take_stanza, program);
    if (fault != NULL) {
        log_line(program->multiplexer, LOG_WARNING, "%s wrote what cannot be read: %s", program->jid.text, fault);
        program_end(program, fault, true);
    }
}

/* A program begins with the resource it wants. What it wrote behind that line waits until it is bound. */
static void take_name(struct program *program, const char *octets, size_t count) {
    char resource[XMPPBIND_PART_MAXIMUM + 1];
    struct text *input = &program->input;
    text_append(input, octets, count);
    const char *end = memchr(input->octets, '\n', input->length);
    size_t length = end == NULL ? input->length : (size_t)(end - input->octets), prepared;
    size_t behind = length + 1;
    if (end == NULL && length <= XMPPBIND_PART_MAXIMUM)
        return;
    if (end != NULL && length > 0 && end[-1] == '\r')
        length--;
    if (length > 0 && xmppbind_resource_prepare(XMPPBIND_ADDRESS_PROFILE_RFC7622, input->octets, length, resource,
                                                sizeof resource, &prepared) != XMPPBIND_OK) {
        end_with(program, "refused ", "bad-request", false);
        return;
    }
    input->length -= behind;
    memmove(input->octets, input->octets + behind, input->length);
    program->state = PROGRAM_BINDING;
    program->request = request_bind(program->multiplexer, length > 0 ? resource : NULL);
    programs_watch(program->multiplexer);
}

static void allocate(uv_handle_t *handle, size_t suggested, uv_buf_t *room) {
    static char octets[4096]; /* so much is taken on when the server takes nothing any more */
    (void)handle;
    (void)suggested;
    *room = uv_buf_init(octets, sizeof octets);
}

static void receive(uv_stream_t *stream, ssize_t count, const uv_buf_t *room) {
    struct program *program = stream->data;
    if (count < 0)
        program_drop(program);
    else if (program->state == PROGRAM_NAMING)
        take_name(program, room->base, (size_t)count);
    else
        take_stanzas(program, room->base, (size_t)count);
}

void programs_watch(struct multiplexer *multiplexer) {
    for (struct program *program = multiplexer->programs; program != NULL; program = program->next) {
        uv_stream_t *stream = (uv_stream_t *)&program->pipe;
        bool open = program->state == PROGRAM_NAMING || program->state == PROGRAM_BOUND;
        if (open && !multiplexer->congested)
            (void)uv_read_start(stream, allocate, receive);
        else
            (void)uv_read_stop(stream);
    }
}

/* --- to a program --- */

static void move_to_end(struct program *program) {
    struct program **place = &program->multiplexer->programs;
    while (*place != program)
        place = &(*place)->next;
    *place = program->next;
    while (*place != NULL)
        place = &(*place)->next;
    *place = program;
    program->next = NULL;
}

void program_bound(struct program *program, xmlNode *answer) {
    const char *refusal = request_result(&program->jid, answer);
    if (refusal != NULL) {
        end_with(program, "refused ", refusal, false);
        return;
    }
    log_line(program->multiplexer, LOG_INFO, "%s is there", program->jid.text);
    program->state = PROGRAM_BOUND;
    move_to_end(program);
    write_words(program, "bound ", program->jid.text);
    reader_start(&program->reader, "<stream xmlns='" CLIENT_NAMESPACE "'>");
    struct text early = program->input;
    program->input = (struct text){NULL, 0, 0};
    take_stanzas(program, early.octets, early.length);
    text_free(&early);
    programs_watch(program->multiplexer);
}

void program_send(struct program *program, const struct text *line) {
    uv_stream_t *stream = (uv_stream_t *)&program->pipe;
    write_text(stream, line, written);
    if (uv_stream_get_write_queue_size(stream) > MOST_WAITING) {
        log_line(program->multiplexer, LOG_WARNING, "%s does not read", program->jid.text);
        program_drop(program);
    }
}

/* --- the socket --- */

static void accept_program(uv_stream_t *listening, int status) {
    struct multiplexer *multiplexer = listening->data;
    if (status != 0)
        return;
    struct program *program = obtain(NULL, sizeof *program);
    *program = (struct program){.next = multiplexer->programs, .multiplexer = multiplexer};
    multiplexer->programs = program;
    multiplexer->program_count++;
    (void)uv_pipe_init(&multiplexer->loop, &program->pipe, 0);
    program->pipe.data = program;
    if (uv_accept(listening, (uv_stream_t *)&program->pipe) != 0)
        program_drop(program);
    else if (multiplexer->program_count > MOST_PROGRAMS)
        end_with(program, "refused ", "resource-constraint", false);
    else
        programs_watch(multiplexer);
}

/* A socket on which nobody listens is left of a multiplexer that was killed. */
static void remove_left_over(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct stat file;
    if (lstat(path, &file) != 0 || !S_ISSOCK(file.st_mode))
        return;
    int probe = socket(AF_UNIX, SOCK_STREAM, 0);
    memcpy(address.sun_path, path, strlen(path));
    if (probe >= 0 && connect(probe, (const struct sockaddr *)&address, sizeof address) != 0 && errno == ECONNREFUSED)
        (void)unlink(path);
    (void)close(probe);
}

bool programs_listen(struct multiplexer *multiplexer) {
    uv_pipe_t *listening = &multiplexer->listening;
    int failed = uv_pipe_init(&multiplexer->loop, listening, 0);
    listening->data = multiplexer;
    remove_left_over(multiplexer->path);
    mode_t mask =
        umask(S_IXUSR | S_IRWXG | S_IRWXO); /* who may connect is this account: nobody else may speak for it */
    failed = failed != 0 ? failed : uv_pipe_bind(listening, multiplexer->path);
    (void)umask(mask);
    failed = failed != 0 ? failed : uv_listen((uv_stream_t *)listening, BACKLOG, accept_program);
    if (failed != 0)
        log_line(multiplexer, LOG_ERROR, "%s: %s", multiplexer->path, uv_strerror(failed));
    return failed == 0;
}
