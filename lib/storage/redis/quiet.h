/*
 * Writing to a connection that Redis may have closed, without the signal that the system has for that.
 *
 * hiredis writes with write(2) or send(2) as it is, so the thread gets SIGPIPE; and a library may neither leave its
 * host to die of it nor change what the host does with its own. So it is blocked while hiredis writes, and what that
 * brought is taken from the thread before its mask is as it was. This is the only place where hiredis writes: commands
 * are put into its buffer, which is written when the descriptor is ready. The other descriptor that is written to, the
 * pipe that wakes the loop, has both its ends here until the node is freed.
 */
#ifndef XMPPBIND_STORAGE_REDIS_QUIET_H
#define XMPPBIND_STORAGE_REDIS_QUIET_H

#include <hiredis/async.h>

/* redisAsyncHandleWrite(): the context may be freed when it returns, and callbacks of it called within, in which
 * SIGPIPE is blocked, too. */
void xmppbind_redis_write_quietly(redisAsyncContext *context);

#endif
