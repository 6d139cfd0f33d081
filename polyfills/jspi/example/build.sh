#!/bin/sh
# Builds prices.c twice: prices.wasm for engines with JSPI, prices.asyncify.wasm for all
# others. One link, one prices.mjs (Emscripten's glue) for both.
# Usage: build.sh [FOLDER]; needs emcc and wasm-opt on the path.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/out}
mkdir -p "$out"

# Neither -sJSPI nor -sASYNCIFY: the library does their part. From -O3 on emcc shortens the
# names of imports, which wasm-opt needs below: stay with -O2, or add -lexports.js.
emcc -O2 -Wall -Wextra "$here/prices.c" --no-entry --js-library "$here/imports.js" \
  -fwasm-exceptions -sSUPPORT_LONGJMP=wasm -sDEFAULT_TO_CXX=0 -sMODULARIZE -sEXPORT_ES6 -sENVIRONMENT=web,worker,node \
  -sALLOW_MEMORY_GROWTH -sEXPORTED_FUNCTIONS=_malloc,_free \
  -sINCOMING_MODULE_JS_API=instantiateWasm \
  -o "$out/prices.mjs"

wasm-opt "$out/prices.wasm" --enable-bulk-memory --enable-bulk-memory-opt --enable-sign-ext \
  --enable-mutable-globals --enable-nontrapping-float-to-int --enable-multivalue \
  --enable-reference-types --enable-exception-handling --enable-call-indirect-overlong \
  --asyncify --pass-arg=asyncify-imports@host.price,host.ticks -O2 \
  -o "$out/prices.asyncify.wasm"
