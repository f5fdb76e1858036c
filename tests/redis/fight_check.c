/*
 * What a history has to prove:
 *
 *   - each request of a process that was not killed is answered, once
 *   - what is granted was asked for, and each number of an account is granted once: so no two nodes ever believe at the
 *     same fencing number that they hold a name
 *   - of two grants of an account that do not overlap (one was learnt before the other was asked for) the later one has
 *     the greater number
 *   - what was held is lost or given back, once, under the number it was granted
 */
#include "fight.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

struct grant {
    uint64_t asked, learnt, number;
    unsigned account, name;
    const struct fight_log *log;
};

static char trouble[512];

__attribute__((format(printf, 1, 2))) static const char *say(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(trouble, sizeof trouble, format, arguments);
    va_end(arguments);
    return trouble;
}

/* What is known of a request while its log is read. */
struct request {
    const struct fight_event *asked;
    int answers, grants;
};

static const char *check_grant(const struct fight_log *log, const struct fight_event *event, struct request *request) {
    if (event->number == 0)
        return say("%s holds %s under no number", log->node, fight_name(event->name, NULL));
    if (request->asked->name != event->name)
        return say("%s asked for %s and got %s", log->node, fight_name(request->asked->name, NULL),
                   fight_name(event->name, NULL));
    if (request->grants++ > 0 || request->answers > 0)
        return say("%s: request %" PRIu32 " was granted after it was answered", log->node, event->tag);
    return NULL;
}

static const char *check_event(const struct fight_log *log, const struct fight_event *event, struct request *requests) {
    if (event->kind == FIGHT_CLOSED)
        return NULL;
    if (event->tag >= FIGHT_EVENTS)
        return say("%s: no request has the number %" PRIu32, log->node, event->tag);
    struct request *request = &requests[event->tag];
    if (event->kind == FIGHT_ASKED) {
        if (request->asked != NULL)
            return say("%s: request %" PRIu32 " was made twice", log->node, event->tag);
        request->asked = event;
        return NULL;
    }
    if (request->asked == NULL)
        return say("%s: request %" PRIu32 " was answered and never made", log->node, event->tag);
    if (event->kind == FIGHT_OPENED)
        return check_grant(log, event, request);
    if (request->answers++ > 0)
        return say("%s: request %" PRIu32 " was answered twice", log->node, event->tag);
    return NULL;
}

static const char *check_requests(const struct fight_log *log, uint32_t count, struct request *requests) {
    for (uint32_t i = 0; i < count; i++) {
        const char *problem = check_event(log, &log->events[i], requests);
        if (problem != NULL)
            return problem;
    }
    for (uint32_t i = 0; i < FIGHT_EVENTS && !log->killed; i++)
        if (requests[i].asked != NULL && requests[i].answers == 0)
            return say("%s: request %" PRIu32 " for %s was not answered", log->node, i,
                       fight_name(requests[i].asked->name, NULL));
    return NULL;
}

/* Each OPENED has its CLOSED after it, and each CLOSED its OPENED before it. */
static const char *check_tenures(const struct fight_log *log, uint32_t count, char *is_open) {
    for (uint32_t i = 0; i < count; i++) {
        const struct fight_event *event = &log->events[i];
        is_open[i] = event->kind == FIGHT_OPENED;
        if (event->kind != FIGHT_CLOSED)
            continue;
        uint32_t j = i;
        while (j > 0 && !(is_open[j - 1] && log->events[j - 1].name == event->name &&
                          log->events[j - 1].number == event->number))
            j--;
        if (j == 0)
            return say("%s lost %s under %" PRIu64 " without holding it", log->node, fight_name(event->name, NULL),
                       event->number);
        is_open[j - 1] = 0;
    }
    for (uint32_t i = 0; i < count && !log->killed; i++)
        if (is_open[i])
            return say("%s went and still held %s under %" PRIu64, log->node, fight_name(log->events[i].name, NULL),
                       log->events[i].number);
    return NULL;
}

static size_t add_grants(const struct fight_log *log, uint32_t count, const struct request *requests,
                         struct grant *grants) {
    size_t added = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct fight_event *event = &log->events[i];
        if (event->kind == FIGHT_OPENED)
            grants[added++] = (struct grant){requests[event->tag].asked->time, event->time, event->number,
                                             event->name / FIGHT_RESOURCES,    event->name, log};
    }
    return added;
}

static int compare(uint64_t one, uint64_t other) {
    return one < other ? -1 : one > other;
}

static int by_number(const void *one, const void *other) {
    const struct grant *left = one, *right = other;
    int order = compare(left->account, right->account);
    return order != 0 ? order : compare(left->number, right->number);
}

/* Those with the greatest numbers come first: of what is left, nothing was asked for after one of them was learnt. */
static const char *check_grants(struct grant *grants, size_t count) {
    qsort(grants, count, sizeof *grants, by_number);
    for (size_t i = 1; i < count; i++)
        if (by_number(&grants[i - 1], &grants[i]) == 0)
            return say("%" PRIu64 " was granted twice: to %s for %s, to %s for %s", grants[i].number,
                       grants[i - 1].log->node, fight_name(grants[i - 1].name, NULL), grants[i].log->node,
                       fight_name(grants[i].name, NULL));
    const struct grant *first = NULL; /* of those with greater numbers, the one that was learnt first */
    for (size_t i = count; i-- > 0;) {
        if (first != NULL && first->account != grants[i].account)
            first = NULL;
        if (first != NULL && first->learnt < grants[i].asked)
            return say("numbers fell: %s got %s under %" PRIu64 ", and after that %s got %s under %" PRIu64,
                       first->log->node, fight_name(first->name, NULL), first->number, grants[i].log->node,
                       fight_name(grants[i].name, NULL), grants[i].number);
        if (first == NULL || grants[i].learnt < first->learnt)
            first = &grants[i];
    }
    return NULL;
}

const char *fight_check(const struct fight *fight) {
    struct grant *grants = calloc(FIGHT_LOGS * (size_t)FIGHT_EVENTS, sizeof *grants);
    struct request *requests = calloc(FIGHT_EVENTS, sizeof *requests);
    char *is_open = calloc(FIGHT_EVENTS, 1);
    const char *problem = grants == NULL || requests == NULL || is_open == NULL ? say("no memory") : NULL;
    size_t count = 0;
    for (size_t i = 0; i < fight->log_count && problem == NULL; i++) {
        const struct fight_log *log = &fight->logs[i];
        uint32_t events = atomic_load(&log->count);
        for (size_t j = 0; j < FIGHT_EVENTS; j++)
            requests[j] = (struct request){NULL, 0, 0};
        problem = events == FIGHT_EVENTS ? say("%s: the log is full", log->node) : NULL;
        problem = problem == NULL ? check_requests(log, events, requests) : problem;
        problem = problem == NULL ? check_tenures(log, events, is_open) : problem;
        if (problem == NULL)
            count += add_grants(log, events, requests, grants + count);
    }
    problem = problem == NULL ? check_grants(grants, count) : problem;
    free(grants);
    free(requests);
    free(is_open);
    return problem;
}
