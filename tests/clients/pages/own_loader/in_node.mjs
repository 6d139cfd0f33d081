// Runs checks.mjs with the loader and the folder that the command line names.
import { pathToFileURL } from "node:url";
import { check } from "./checks.mjs";

const [, , loader, indexURL, core] = process.argv;
const { loadPyodide } = await import(pathToFileURL(loader).href);
console.log(JSON.stringify(await check(loadPyodide, { indexURL, core })));
process.exit(0);
