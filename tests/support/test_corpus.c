#include "test_corpus.h"

#include "test_allocator.h"
#include "test_cmocka.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST = 1 << 16 };

static void play(const char *path, int (*target)(const uint8_t *data, size_t size)) {
    uint8_t *data = test_memory_get(LARGEST);
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        fail_msg("%s cannot be read", path);
    size_t size = fread(data, 1, LARGEST, file);
    (void)fclose(file);
    /* exactly as large as it is, so that reading beyond the end is seen */
    uint8_t *exact = test_memory_get(size + 1);
    memcpy(exact, data, size);
    exact = test_memory_resize(exact, size == 0 ? 1 : size);
    assert_int_equal(target(exact, size), 0);
    free(exact);
    free(data);
}

void test_corpus_play(const char *folder, int (*target)(const uint8_t *data, size_t size)) {
    char path[1024];
    size_t played = 0;
    DIR *directory = opendir(folder);
    if (directory == NULL)
        fail_msg("%s cannot be read; run this from the top of the project", folder);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        assert_true((size_t)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < sizeof path);
        play(path, target);
        played++;
    }
    (void)closedir(directory);
    assert_int_not_equal(played, 0);
}
