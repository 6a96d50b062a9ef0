/* The tree, its values, and reading YAML into it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "config/conf.h"
#include "config/conf_yaml.h"

struct loaded {
    struct conf_tree *tree;
    struct conf_notes notes;
    char error[256];
    bool good;
};

static struct loaded *load_text(const char *text, size_t len)
{
    struct loaded *l = calloc(1, sizeof *l);
    assert_non_null(l);
    l->tree = conf_tree_create();
    assert_non_null(l->tree);
    conf_notes_init(&l->notes, l->error, sizeof l->error);
    l->good = conf_yaml_text(l->tree, "t.yaml", text, len, &l->notes);
    return l;
}

static struct loaded *load(const char *text)
{
    return load_text(text, strlen(text));
}

static void unload(struct loaded *l)
{
    conf_notes_fini(&l->notes);
    conf_tree_destroy(&l->tree);
    free(l);
}

static void assert_fails(const char *text, const char *error)
{
    struct loaded *l = load(text);
    assert_false(l->good);
    assert_string_equal(l->error, error);
    unload(l);
}

static const char *text_at(const struct loaded *l, const char *path)
{
    return conf_get_text(l->tree->root, path, NULL);
}

static void test_kinds_and_places(void **state)
{
    (void)state;
    struct loaded *l =
        load("%YAML 1.1\n---\n# a comment\na: x\nb:\n  c: 'yes'\n  d: ~\nlist:\n  - one\n  - two: {k: v}\n");
    assert_true(l->good);
    assert_string_equal(text_at(l, "a"), "x");
    const struct conf_node *c = conf_find(l->tree->root, "b.c");
    assert_int_equal(c->kind, CONF_SCALAR);
    assert_true(c->quoted);
    assert_string_equal(c->file, "t.yaml");
    assert_int_equal(c->line, 6);
    assert_int_equal(c->key_line, 6);
    assert_int_equal(c->key_column, 3);
    assert_int_equal(c->column, 6);
    assert_int_equal(conf_find(l->tree->root, "b")->key_line, 5);
    assert_int_equal(conf_find(l->tree->root, "b")->line, 6);
    assert_int_equal(conf_find(l->tree->root, "b.d")->kind, CONF_NULL);
    assert_int_equal(conf_find(l->tree->root, "list")->kind, CONF_SEQUENCE);
    assert_int_equal(conf_find(l->tree->root, "list")->count, 2);
    assert_string_equal(text_at(l, "list.1.two.k"), "v");
    assert_null(conf_find(l->tree->root, "list.2"));
    assert_null(conf_find(l->tree->root, "list.x"));
    assert_null(conf_find(l->tree->root, "a.b"));
    char path[CONF_PATH_MAX];
    assert_string_equal(conf_path(conf_find(l->tree->root, "list.1.two.k"), path, sizeof path), "list.1.two.k");
    assert_string_equal(conf_place(conf_find(l->tree->root, "list.1"), path, sizeof path), "t.yaml:10");
    unload(l);
}

static void test_item_names(void **state)
{
    (void)state;
    const struct conf_node *options;
    struct loaded *l = load("l: [dns, {http: {extended: yes}}, {tls: }, [x], ~]");
    assert_true(l->good);
    const struct conf_node *list = conf_find(l->tree->root, "l");
    assert_string_equal(conf_item_name(conf_item(list, 0), &options), "dns");
    assert_null(options);
    assert_string_equal(conf_item_name(conf_item(list, 1), &options), "http");
    assert_true(conf_get_bool(options, "extended", false));
    assert_string_equal(conf_item_name(conf_item(list, 2), &options), "tls");
    assert_int_equal(options->kind, CONF_NULL);
    assert_null(conf_item_name(conf_item(list, 3), &options));
    assert_null(conf_item_name(conf_item(list, 4), &options));
    unload(l);
}

static void test_bools(void **state)
{
    (void)state;
    static const char *const yes[] = {"yes", "Yes", "TRUE", "true", "on", "1"};
    static const char *const no[] = {"no", "NO", "false", "off", "0"};
    static const char *const neither[] = {"", "y", "2", "enabled", "yes "};
    bool v;
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        v = false;
        assert_true(conf_parse_bool(yes[i], &v) && v);
    }
    for (size_t i = 0; i < sizeof no / sizeof no[0]; i++) {
        v = true;
        assert_true(conf_parse_bool(no[i], &v) && !v);
    }
    for (size_t i = 0; i < sizeof neither / sizeof neither[0]; i++)
        assert_false(conf_parse_bool(neither[i], &v));
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"0", 0},
        {"65536", 65536},
        {"10b", 10},
        {"4kb", 4096},
        {"4KiB", 4096},
        {"12 MB", 12582912},
        {"1.5gb", 1610612736},
        {"0.5kb", 512},
        {"1gib", 1073741824},
        {"18446744073709551615", UINT64_MAX},
    };
    static const char *const bad[] = {"",
                                      "kb",
                                      "12xb",
                                      "-1",
                                      "1e3",
                                      "1.kb",
                                      "1.2.3kb",
                                      "1 k",
                                      "1kbx",
                                      " 1kb",
                                      "0x10",
                                      "1.1234567gb",
                                      "18446744073709551616",
                                      "99999999999999gb"};
    uint64_t v;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(conf_parse_size(good[i].text, &v));
        assert_true(v == good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(conf_parse_size(bad[i], &v));
    assert_true(conf_parse_uint("4294967296", &v) && v == 4294967296);
    assert_false(conf_parse_uint("1k", &v));
    assert_false(conf_parse_uint("", &v));
    assert_false(conf_parse_uint("+1", &v));
}

static void test_later_key_counts(void **state)
{
    (void)state;
    struct loaded *l = load("a: {x: 1, y: 2}\nb: 1\na:\n  z: 3\n");
    assert_true(l->good);
    assert_null(conf_find(l->tree->root, "a.x"));
    assert_string_equal(text_at(l, "a.z"), "3");
    assert_int_equal(l->tree->root->count, 2);
    assert_int_equal(l->notes.count, 1);
    assert_string_equal(l->notes.lines[0].text, "t.yaml:3: a: set before in line 1, the later one counts");
    unload(l);
}

static void test_aliases(void **state)
{
    (void)state;
    struct loaded *l = load("a: &x {k: [1, 2]}\nb: *x\nc: &y text\nd: *y\ne: &z\nf: *z\n");
    assert_true(l->good);
    assert_string_equal(text_at(l, "b.k.1"), "2");
    assert_string_equal(text_at(l, "d"), "text");
    assert_int_equal(conf_find(l->tree->root, "f")->kind, CONF_NULL);
    unload(l);
    assert_fails("a: 1\nb: *nobody\n", "t.yaml:2: '*nobody' stands for nothing that is complete by then");
    assert_fails("a: &x\n  b: *x\n", "t.yaml:2: '*x' stands for nothing that is complete by then");
}

/* Nine lines that would be a billion nodes. */
static void test_alias_bomb(void **state)
{
    (void)state;
    char text[2048] = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
    for (int i = 1; i < 10; i++) {
        size_t n = strlen(text);
        n += (size_t)snprintf(text + n, sizeof text - n, "a%d: &a%d [", i, i);
        for (int k = 0; k < 10; k++)
            n += (size_t)snprintf(text + n, sizeof text - n, "%s*a%d", k ? ", " : "", i - 1);
        snprintf(text + n, sizeof text - n, "]\n");
    }
    struct loaded *l = load(text);
    assert_false(l->good);
    assert_string_equal(l->error, "t.yaml:5: more than 16384 keys and items");
    assert_true(l->tree->node_count <= CONF_NODES_MAX);
    unload(l);
}

static void test_deep_nesting(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 0, sizeof text);
    memcpy(text, "a: ", 3);
    memset(text + 3, '[', 2000);
    struct loaded *l = load(text);
    assert_false(l->good);
    assert_string_equal(l->error, "t.yaml:1: nested too deep");
    unload(l);
    /* Twenty in an anchor, twenty more around its alias. */
    memset(text, 0, sizeof text);
    static const char open20[] = "[[[[[[[[[[[[[[[[[[[[", close20[] = "]]]]]]]]]]]]]]]]]]]]";
    snprintf(text, sizeof text, "a: &a %s%s\nb: %s*a%s", open20, close20, open20, close20);
    l = load(text);
    assert_false(l->good);
    assert_string_equal(l->error, "t.yaml:2: an alias that nests too deep");
    unload(l);
}

static void test_too_many_keys(void **state)
{
    (void)state;
    size_t room = (CONF_NODES_MAX + 10) * 4;
    char *text = malloc(room);
    assert_non_null(text);
    size_t n = (size_t)snprintf(text, room, "a:\n");
    for (int i = 0; i < CONF_NODES_MAX; i++)
        n += (size_t)snprintf(text + n, room - n, "- x\n");
    struct loaded *l = load_text(text, n);
    assert_false(l->good);
    assert_string_equal(l->error, "t.yaml:16384: more than 16384 keys and items");
    unload(l);
    free(text);
}

static void test_huge_scalar(void **state)
{
    (void)state;
    size_t len = CONF_SCALAR_MAX + 1;
    char *text = malloc(len + 8);
    assert_non_null(text);
    memcpy(text, "\na: ", 4);
    memset(text + 4, 'x', len);
    struct loaded *l = load_text(text, len + 4);
    assert_false(l->good);
    assert_string_equal(l->error, "t.yaml:2: a value that is too long or has a zero byte in it");
    unload(l);
    l = load_text(text, len + 3);
    assert_true(l->good);
    assert_int_equal(strlen(text_at(l, "a")), CONF_SCALAR_MAX);
    unload(l);
    free(text);
}

static void test_garbage(void **state)
{
    (void)state;
    assert_fails("just words\n", "t.yaml:1: not a configuration: `key: value` lines are expected");
    assert_fails("- a\n- b\n", "t.yaml:1: not a configuration: `key: value` lines are expected");
    assert_fails("a: 1\n---\nb: 2\n", "t.yaml:2: a second document: only one `---` is allowed");
    assert_fails("a: 1\n? [x]\n: 2\n", "t.yaml:2: a key has to be a word");
    assert_fails("a: \"x\\0y\"\n", "t.yaml:1: a value that is too long or has a zero byte in it");
    struct loaded *l = load("a: 1\nb: [1, 2\nc: 3\n");
    assert_false(l->good);
    assert_non_null(strstr(l->error, "t.yaml:3: not valid YAML: "));
    unload(l);
    l = load("a:\n\tb: 1\n");
    assert_false(l->good);
    assert_non_null(strstr(l->error, "t.yaml:2: not valid YAML: "));
    unload(l);
    l = load("");
    assert_true(l->good);
    assert_int_equal(l->tree->root->count, 0);
    unload(l);
    /* Every single byte, and bytes that no text has. */
    for (int c = 0; c < 256; c++) {
        char text[4] = {(char)c, (char)(255 - c), (char)c, '\n'};
        l = load_text(text, sizeof text);
        assert_true(l->good || l->error[0]);
        assert_null(strchr(l->error, '\n'));
        unload(l);
    }
}

static void test_overlay(void **state)
{
    (void)state;
    struct loaded *base = load("a: {x: 1, y: {z: 2}}\nl: [1, 2]\nm: {k: 1}\nn: {k: 1}\no: 5\n");
    struct loaded *over = load("a:\n  y: {w: 3}\n  q: new\nl: [9]\nm:\nn: word\no:\np: {deep: {er: 1}}\n");
    assert_true(base->good && over->good);
    assert_true(conf_overlay(base->tree, base->tree->root, over->tree->root));
    assert_string_equal(text_at(base, "a.x"), "1");
    assert_string_equal(text_at(base, "a.y.z"), "2");
    assert_string_equal(text_at(base, "a.y.w"), "3");
    assert_string_equal(text_at(base, "a.q"), "new");
    assert_int_equal(conf_find(base->tree->root, "l")->count, 1);
    assert_string_equal(text_at(base, "l.0"), "9");
    assert_string_equal(text_at(base, "m.k"), "1");
    assert_string_equal(text_at(base, "n"), "word");
    assert_int_equal(conf_find(base->tree->root, "o")->kind, CONF_NULL);
    assert_string_equal(text_at(base, "p.deep.er"), "1");
    assert_int_equal(conf_find(base->tree->root, "a.y.w")->line, 2);
    unload(base);
    unload(over);
}

static bool set(struct loaded *l, const char *assignment)
{
    l->error[0] = 0;
    return conf_set(l->tree, assignment, &l->notes);
}

static void test_set(void **state)
{
    (void)state;
    struct loaded *l =
        load("a: {b: 1}\nn:\noutputs:\n  - fast: {enabled: no}\n  - dns\n  - tls:\naf:\n  - interface: e0\n");
    assert_true(l->good);
    assert_true(set(l, "a.b=2") && set(l, " a.c =  x=y "));
    assert_string_equal(text_at(l, "a.b"), "2");
    assert_string_equal(text_at(l, "a.c"), "x=y ");
    assert_true(set(l, "new.deep.er=v") && set(l, "n.k=v") && set(l, "empty="));
    assert_string_equal(text_at(l, "new.deep.er"), "v");
    assert_string_equal(text_at(l, "n.k"), "v");
    assert_string_equal(text_at(l, "empty"), "");
    assert_true(set(l, "outputs.0.fast.enabled=yes") && set(l, "outputs.1.dns.enabled=no") &&
                set(l, "outputs.2.tls.enabled=no") && set(l, "outputs.3.http.enabled=no"));
    assert_string_equal(text_at(l, "outputs.0.fast.enabled"), "yes");
    assert_string_equal(text_at(l, "outputs.1.dns.enabled"), "no");
    assert_string_equal(text_at(l, "outputs.2.tls.enabled"), "no");
    assert_string_equal(text_at(l, "outputs.3.http.enabled"), "no");
    assert_true(set(l, "af.0.cluster=9") && set(l, "fresh.0=a") && set(l, "fresh.1=b"));
    assert_string_equal(text_at(l, "af.0.interface"), "e0");
    assert_string_equal(text_at(l, "fresh.1"), "b");
    assert_string_equal(conf_find(l->tree->root, "af.0.cluster")->file, "--set");
    unload(l);
}

static void test_set_errors(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"a", "--set a: a value is missing: key=value"},
        {"=x", "--set =x: a key is missing: key=value"},
        {"  =x", "--set   =x: a key is missing: key=value"},
        {"a..b=x", "--set a..b=x: not a key: names joined by single dots"},
        {".a=x", "--set .a=x: not a key: names joined by single dots"},
        {"l.3=x", "--set l.3=x: l has 2 items, counted from 0: there is no 3"},
        {"l.dns=x", "--set l.dns=x: l is a list, 'dns' is not a number"},
        {"l.0.tls.x=1", "--set l.0.tls.x=1: l.0 is 'dns', not 'tls'"},
        {"l.1.tls.x=1", "--set l.1.tls.x=1: l.1 is 'http', not 'tls'"},
    };
    struct loaded *l = load("l: [dns, {http: {}}]\n");
    assert_true(l->good);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_false(set(l, cases[i][0]));
        assert_string_equal(l->error, cases[i][1]);
    }
    char deep[200];
    for (size_t i = 0; i < 100; i += 2)
        memcpy(deep + i, "a.", 2);
    memcpy(deep + 100, "a=1", 4);
    assert_false(set(l, deep));
    unload(l);
}

/* A folder of its own, with files in it. */
struct folder {
    char path[64];
};

static void write_file(const struct folder *f, const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    FILE *to = fopen(path, "w");
    assert_non_null(to);
    fputs(text, to);
    fclose(to);
}

static void remove_file(const struct folder *f, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    unlink(path);
}

static struct loaded *load_file(const struct folder *f, const char *name)
{
    char path[128];
    struct loaded *l = calloc(1, sizeof *l);
    assert_non_null(l);
    l->tree = conf_tree_create();
    conf_notes_init(&l->notes, l->error, sizeof l->error);
    snprintf(path, sizeof path, "%s/%s", f->path, name);
    l->good = conf_yaml_file(l->tree, path, &l->notes);
    return l;
}

static void test_include(void **state)
{
    (void)state;
    struct folder f = {"/tmp/burrow-conf-XXXXXX"};
    assert_non_null(mkdtemp(f.path));
    write_file(
        &f, "main.yaml",
        "include: [one.yaml, two.yaml]\na: main\nm:\n  include: two.yaml\n  own: 1\nk: !include two.yaml\nz: end\n");
    write_file(&f, "one.yaml", "%YAML 1.1\n---\na: one\nb: one\n");
    write_file(&f, "two.yaml", "b: two\nc: &x [1]\nd: *x\n");
    write_file(&f, "self.yaml", "a: 1\ninclude: self.yaml\n");
    write_file(&f, "gone.yaml", "a: 1\ninclude: nowhere.yaml\nb: 2\n");
    write_file(&f, "bad.yaml", "a: 1\ninclude: broken.yaml\n");
    write_file(&f, "broken.yaml", "a: 1\nb: [\n");
    write_file(&f, "odd.yaml", "include: {a: b}\n");
    struct loaded *l = load_file(&f, "main.yaml");
    assert_string_equal(l->error, "");
    assert_string_equal(text_at(l, "a"), "main");
    assert_string_equal(text_at(l, "b"), "two");
    assert_string_equal(text_at(l, "d.0"), "1");
    assert_string_equal(text_at(l, "m.b"), "two");
    assert_string_equal(text_at(l, "m.own"), "1");
    assert_string_equal(text_at(l, "k.b"), "two");
    assert_string_equal(text_at(l, "z"), "end");
    assert_null(conf_find(l->tree->root, "include"));
    assert_non_null(strstr(conf_find(l->tree->root, "m.b")->file, "/two.yaml"));
    assert_int_equal(l->notes.count, 0);
    unload(l);
    static const char *const cases[][2] = {
        {"self.yaml", "/self.yaml:2: include: too many files, or a file that includes itself"},
        {"bad.yaml", "/broken.yaml:3: not valid YAML: "},
        {"odd.yaml", "/odd.yaml:1: include: wants the name of a file, or a list of names"},
        {"none.yaml", "/none.yaml: can't be read: No such file or directory"},
        {"", "/: can't be read: Is a directory"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        l = load_file(&f, cases[i][0]);
        assert_false(l->good);
        assert_non_null(strstr(l->error, cases[i][1]));
        unload(l);
    }
    l = load_file(&f, "gone.yaml");
    assert_true(l->good);
    assert_string_equal(text_at(l, "b"), "2");
    assert_int_equal(l->notes.count, 1);
    assert_non_null(strstr(l->notes.lines[0].text, "/gone.yaml:2: include: there is no file '"));
    unload(l);
    static const char *const names[] = {"main.yaml", "one.yaml", "two.yaml",    "self.yaml",
                                        "gone.yaml", "bad.yaml", "broken.yaml", "odd.yaml"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        remove_file(&f, names[i]);
    assert_int_equal(rmdir(f.path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds_and_places),
        cmocka_unit_test(test_item_names),
        cmocka_unit_test(test_bools),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_later_key_counts),
        cmocka_unit_test(test_aliases),
        cmocka_unit_test(test_alias_bomb),
        cmocka_unit_test(test_deep_nesting),
        cmocka_unit_test(test_too_many_keys),
        cmocka_unit_test(test_huge_scalar),
        cmocka_unit_test(test_garbage),
        cmocka_unit_test(test_overlay),
        cmocka_unit_test(test_set),
        cmocka_unit_test(test_set_errors),
        cmocka_unit_test(test_include),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
