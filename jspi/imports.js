/* imports.js - names of the wasm imports in module "sospeso", for emcc only.
 *
 * emcc checks every import of the wasm against its JavaScript library and knows
 * nothing of import modules other than its own. The functions themselves are
 * given at instantiation by runtime/load/core.ts; these stand-ins are never called.
 * Given to the link as --js-library (cpython/build/steps/link.py).
 */
addToLibrary(
  Object.fromEntries(
    [
      "wait", "notify", "interrupt", "slice", "start", "block", "new_key", "schedule", "io_pending", "io_resume",
      "io_read", "io_write", "io_more", "io_held", "io_partial", "io_failure", "fd_flags", "poll_check", "poll_watch", "poll_unwatch",
      "pipe_open", "files_watch", "sock_open", "sock_pair", "sock_bind", "sock_listen", "sock_connect", "sock_accept", "sock_name",
      "sock_send", "sock_recv", "sock_shutdown", "sock_getopt", "sock_setopt", "sock_timeout", "net_outside", "name_ask", "name_answer",
      "epoll_open", "epoll_change", "epoll_check", "fd_nonblocking", "fd_duplicate", "file_lock", "file_lock_end", "tty_flush", "file_link", "pipe_name",
      "http_open", "http_error", "http_absolute", "http_timeout", "py_settle", "py_create", "py_destroy", "py_unwrap",
      "py_stats", "js_module", "to_js", "to_py", "buffer_describe", "buffer_read", "buffer_write",
      "buffer_decode", "js_call", "js_delete", "js_failure", "js_frame_name", "js_get", "js_item", "js_name",
      "js_new", "js_next", "js_op", "js_outcome", "js_release", "js_same", "js_set", "js_settle", "js_unwatch",
      "js_watch", "dl_open", "dl_symbol", "dl_answer", "dl_close", "dl_fit",
    ].map((name) => [name, () => {}]),
  ),
);
