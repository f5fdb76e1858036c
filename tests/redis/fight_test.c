/*
 * Node processes fight for the same names over a redis-server of their own, while all that can go wrong does.
 * XMPPBIND_FIGHT_SEED chooses what they ask, and when it goes wrong; not what that makes of it, as they are processes.
 * XMPPBIND_FIGHT_CASE chooses the cases ("nodes*"), XMPPBIND_FIGHT_LOG=1 shows what the nodes log.
 */
#include "fight_scene.h"

int main(void) {
    return fight_run_cases(1);
}
