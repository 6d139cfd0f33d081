// A module of JavaScript that Python imports as pyscript.js_modules.mine.
export const name = "module.mjs";
