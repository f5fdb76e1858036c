#include "quiet.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

static void take_from_thread(const sigset_t *broken_pipe) {
    static const struct timespec at_once = {0, 0};
    while (sigtimedwait(broken_pipe, NULL, &at_once) < 0 && errno == EINTR) {
    }
}

void xmppbind_redis_write_quietly(redisAsyncContext *context) {
    sigset_t broken_pipe, before, pending;
    (void)sigemptyset(&broken_pipe);
    (void)sigaddset(&broken_pipe, SIGPIPE);
    (void)sigemptyset(&pending);
    (void)sigpending(&pending); /* what the host keeps pending is not ours to take */
    (void)pthread_sigmask(SIG_BLOCK, &broken_pipe, &before);
    redisAsyncHandleWrite(context);
    if (!sigismember(&pending, SIGPIPE))
        take_from_thread(&broken_pipe);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
}
