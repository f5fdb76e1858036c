/* The line editor of a terminal: a prompt and a history. Only used when somebody types; see main.c. */
#include <histedit.h>
#include <locale.h>
#include <stdlib.h>

#include "console.h"

struct console_prompt {
    EditLine *editor;
    History *history;
};

static char *prompt_text(EditLine *editor) {
    static char text[] = "xmppbind> ";
    (void)editor;
    return text;
}

struct console_prompt *console_prompt_new(void) {
    struct console_prompt *prompt = calloc(1, sizeof *prompt);
    if (prompt == NULL)
        return NULL;
    setlocale(LC_CTYPE, ""); /* libedit edits characters, not octets */
    prompt->history = history_init();
    prompt->editor = el_init("xmppbind", stdin, stdout, stderr);
    if (prompt->history == NULL || prompt->editor == NULL) {
        console_prompt_free(prompt);
        return NULL;
    }
    HistEvent event;
    history(prompt->history, &event, H_SETSIZE, 1000);
    history(prompt->history, &event, H_SETUNIQUE, 1);
    el_set(prompt->editor, EL_PROMPT, prompt_text);
    el_set(prompt->editor, EL_EDITOR, "emacs");
    el_set(prompt->editor, EL_SIGNAL, 1);
    el_set(prompt->editor, EL_HIST, history, prompt->history);
    return prompt;
}

void console_prompt_free(struct console_prompt *prompt) {
    if (prompt == NULL)
        return;
    if (prompt->editor != NULL)
        el_end(prompt->editor);
    if (prompt->history != NULL)
        history_end(prompt->history);
    free(prompt);
}

/* The next line, valid until the next call; NULL at the end. */
const char *console_prompt_read(struct console_prompt *prompt, size_t *length) {
    int count = 0;
    const char *line = el_gets(prompt->editor, &count);
    if (line == NULL || count <= 0)
        return NULL;
    if (line[0] != '\n') {
        HistEvent event;
        history(prompt->history, &event, H_ENTER, line);
    }
    *length = (size_t)count;
    return line;
}
