// What mountPoints() says: `node mount_points.mjs BUNDLE CASES`, where CASES is JSON, a list of
// pairs of arguments. Prints the list of answers as JSON. Used by test_node_entry.py.

import process from "node:process";
import { pathToFileURL } from "node:url";

const [bundle, cases] = process.argv.slice(2);
const { mountPoints } = await import(pathToFileURL(bundle).href);
console.log(JSON.stringify(JSON.parse(cases).map(([needed, top]) => mountPoints(needed, top))));
