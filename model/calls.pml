/* Exhaustive runs interleave every step. With -DCALLS each call of the code is one step, and pan
 * prints each different step once, as "before call after"; the tests hold the code against that
 * list (docs/model.md). EDGE(what) ends a call. The model then says what of a state a test can see:
 * seen(), which writes it into `text`.
 */
#ifndef CALLS
#define CALL
#define EDGE(what) skip
#else
#define CALL atomic
#define EDGE(what) call_made = what; c_code { edge(); }; call_made = 0
byte call_made;
c_state "char was[80]" "Global"

c_decl {
void edge(void);
void seen(char *text);
}
c_code {
static unsigned long *printed, printed_room, printed_count;

static unsigned long hash_of(const char *text)
{
    unsigned long hash = 14695981039346656037UL;
    for (; *text; ++text) {
        hash = (hash ^ (unsigned char)*text) * 1099511628211UL;
    }
    return hash | 1;
}

static int is_new(unsigned long hash)
{
    unsigned long i;
    if (printed_room == 0) {
        printed_room = 1UL << 24;
        printed = calloc(printed_room, sizeof(*printed));
    }
    for (i = hash % printed_room; printed[i] != 0; i = (i + 1) % printed_room) {
        if (printed[i] == hash) {
            return 0;
        }
    }
    if (++printed_count > printed_room / 2) {
        printf("too many edges\n");
        exit(1);
    }
    printed[i] = hash;
    return 1;
}

void edge(void)
{
    char text[80], line[200];
    memset(text, 0, sizeof(text));
    seen(text);
    snprintf(line, sizeof(line), "edge %s %s %s", now.was[0] ? now.was : "-",
             call_names[now.call_made], text);
    if (is_new(hash_of(line))) {
        puts(line);
    }
    memcpy(now.was, text, sizeof(text));
}
}
#endif
