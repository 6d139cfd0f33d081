"""Programs of test_serve.py: a web application inside the page."""

import http.server
import threading


def start():
    global server, thread

    class Handler(http.server.BaseHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def _answer(self, status, body=b"", **headers):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path == "/redirect":
                self._answer(302, Location="/page?a=1")
            elif self.path == "/page?a=1":
                self._answer(200, b"<!doctype html><p>made inside", Content_Type="text/html")
            else:
                self._answer(404)

        def do_POST(self):
            self._answer(201, self.rfile.read(int(self.headers["Content-Length"])).upper())

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    return server.server_address[1]


def stop():
    server.shutdown()
    thread.join()
    server.server_close()
