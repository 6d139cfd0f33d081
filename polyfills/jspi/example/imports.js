/* imports.js - names of the imports in module "host", for emcc only: it wants to know every
 * import and knows no modules but its own. The functions themselves are given at
 * instantiation (main.mjs); these are never called. Given to emcc by build.sh.
 */
addToLibrary({ price() {}, ticks() {} });
