/* embed.h - starting CPython: what the embedding offers to other C.
 *
 * JavaScript calls the exports of main.c; the one thing that C decides is what
 * goes into the interpreter, and that is put together by runtime/api/start.c.
 */
#ifndef SOSPESO_EMBED_H
#define SOSPESO_EMBED_H

/* Start the interpreter on the main stack.
 *   paths: of sys.path, ':'-separated.
 *   module: has the functions that requests name; imported at the first request.
 *       The string is kept.
 * 0, or -1 with the reason in sospeso_failure(). Builtin modules of one's own
 * are added by PyImport_AppendInittab() before. */
int sospeso_embed(int argc, char **argv, const char *paths, const char *module);

#endif
