/* The same as fight_test.c over a cluster of three masters. */
#include "fight_scene.h"

int main(void) {
    return fight_run_cases(FIGHT_SERVERS);
}
