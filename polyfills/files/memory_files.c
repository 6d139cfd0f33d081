/* memory_files.c - link(): another name for a file in memory.
 *
 * Emscripten answers "too many links". Linked in place of its import; the names
 * are kept by memory_files.ts.
 */
#define IMPORT(name) __attribute__((import_module("sospeso"), import_name(#name)))

/* 0, or a negative errno. */
IMPORT(file_link)
extern int host_file_link(int directory, const char *path, int new_directory, const char *new_path,
                          int flags);

int __syscall_linkat(int directory, const char *path, int new_directory, const char *new_path,
                     int flags);
int __syscall_linkat(int directory, const char *path, int new_directory, const char *new_path,
                     int flags)
{
    return host_file_link(directory, path, new_directory, new_path, flags);
}
