// wisp_js_server.mjs - Mercury Workshop's Wisp server on a free port, as test_network_relay.py starts it.
//
// node wisp_js_server.mjs VERSION; the port is the line it prints. It reaches loopback.

import { createServer } from "node:http";

import { logging, server } from "@mercuryworkshop/wisp-js/server";

logging.set_level(logging.NONE);
Object.assign(server.options, {
  allow_loopback_ips: true,
  allow_private_ips: true,
  wisp_version: Number(process.argv[2]),
});
const http = createServer();
http.on("upgrade", (request, socket, head) => server.routeRequest(request, socket, head));
http.listen(0, "127.0.0.1", () => console.log(/** @type {any} */ (http.address()).port));
