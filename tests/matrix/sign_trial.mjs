// A key pair, and a token of an origin trial signed with it: `node sign_trial.mjs ORIGIN FEATURE`.
// Prints two lines: the public key and the token, both in base64. Called by trial.py.
// The token's format, version 3: a byte for the version, the signature, the payload's length in four
// bytes, the payload as JSON; what is signed is all of it but the signature.

import { generateKeyPairSync, sign } from "node:crypto";
import process from "node:process";

const SECONDS_VALID = 86_400;

const [origin, feature] = process.argv.slice(2);
const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const expiry = Math.floor(Date.now() / 1000) + SECONDS_VALID;
const payload = Buffer.from(JSON.stringify({ origin, feature, expiry }));
const length = Buffer.alloc(4);
length.writeUInt32BE(payload.length);
const version = Buffer.from([3]);
const signature = sign(null, Buffer.concat([version, length, payload]), privateKey);
console.log(Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url").toString("base64"));
console.log(Buffer.concat([version, signature, length, payload]).toString("base64"));
