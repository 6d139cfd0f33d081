// wisp_js_client.mjs - Mercury Workshop's Wisp client, as test_relay.py starts it.
//
// node wisp_js_client.mjs ADDRESS HOST PORT VERSION TEXT: sends the text over one stream and prints what
// comes back, or the number of the reason why it closed.

import { client } from "@mercuryworkshop/wisp-js/client";

const [address, host, port, version, text] = process.argv.slice(2);
const connection = new client.ClientConnection(address, { wisp_version: Number(version) });
connection.onopen = () => {
  const stream = connection.create_stream(host, Number(port));
  let got = "";
  stream.onmessage = (bytes) => {
    got += new TextDecoder().decode(bytes);
    if (got.length < text.length) return;
    console.log(got);
    process.exit(0);
  };
  stream.onclose = (reason) => {
    console.log(reason);
    process.exit(0);
  };
  stream.send(new TextEncoder().encode(text));
};
