// serve_worker.js - the one line that a site has beside its pages (docs/serve.md).
importScripts("/dist/serve-worker.js");
