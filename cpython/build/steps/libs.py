# The C libraries below the standard library: zlib, bzip2, xz, sqlite, libffi, and openssl.
# Emscripten's ports need a network of their own, so each is built from its pinned source by a short
# script; the script is data and therefore part of the step's digest. Called by plan.py.
# A script finds $SRC (unpacked source, read only), $OUT (gets include/ and lib/), $JOBS, $CFLAGS,
# $TARGET_LDFLAGS, $THREADS (a header) and runs in an empty scratch folder.
"""Steps that build static libraries."""

from __future__ import annotations

from pathlib import Path

from ..engine.step import Context, Step
from ..inputs.pins import Pins
from ..inputs.sources import TAKEN, take, taken
from .profiles import CONFIGURE_LDFLAGS, Profile

# What a library that makes threads is to include first, by project path.
THREADS = "jspi/pthread_names.h"

# Before every script: `compile FLAG... < list of C files` makes one .o each, $JOBS at a time.
PRELUDE = r"""
compile() {
  FLAGS="$*" xargs -P "$JOBS" -I{} sh -c 'emcc $CFLAGS $FLAGS -c {} -o "$(basename {} .c).o"'
}
"""

# What a script takes on two cores, about.
SECONDS = {"xz": 20, "sqlite": 20, "openssl": 150}

SCRIPTS = {
    # By hand: its configure would add -fPIC. The sed is what configure does where unistd.h exists.
    "zlib": r"""
cp "$SRC"/*.[ch] .
sed -i 's/^#ifdef HAVE_UNISTD_H.*/#if 1/;s/^#ifdef HAVE_STDARG_H.*/#if 1/' zconf.h
ls *.c | compile -D_LARGEFILE64_SOURCE=1 -DHAVE_HIDDEN
emar rcs "$OUT/lib/libz.a" *.o
cp zlib.h zconf.h "$OUT/include"
""",
    "bzip2": r"""
cp "$SRC"/*.[ch] .
printf '%s.c\n' blocksort huffman crctable randtable compress decompress bzlib |
  compile -D_FILE_OFFSET_BITS=64 -Wno-unused-but-set-variable
emar rcs "$OUT/lib/libbz2.a" *.o
cp bzlib.h "$OUT/include"
""",
    "xz": r"""
LDFLAGS="$TARGET_LDFLAGS" emconfigure "$SRC/configure" \
  --host=wasm32-unknown-emscripten --prefix="$OUT" \
  --disable-shared --enable-static --without-pic --disable-threads --disable-xz --disable-xzdec \
  --disable-lzmadec --disable-lzmainfo --disable-scripts --disable-doc --disable-nls \
  --disable-microlzma --disable-lzip-decoder --disable-dependency-tracking
emmake make -j"$JOBS" -C src/liblzma
emmake make -C src/liblzma install
rm -r "$OUT"/lib/*.la "$OUT"/lib/pkgconfig
""",
    # The amalgamation is generated with this machine's compiler, then compiled once.
    "sqlite": r"""
( unset CFLAGS; CC=cc "$SRC/configure" --disable-shared --disable-tcl; make sqlite3.c sqlite3.h )
emcc $CFLAGS -Os -c sqlite3.c -o sqlite3.o -DSQLITE_THREADSAFE=0 -DSQLITE_OMIT_LOAD_EXTENSION \
  -DSQLITE_ENABLE_FTS5 -DSQLITE_ENABLE_RTREE -DSQLITE_ENABLE_MATH_FUNCTIONS -DSQLITE_OMIT_DEPRECATED
emar rcs "$OUT/lib/libsqlite3.a" sqlite3.o
cp sqlite3.h "$OUT/include"
""",
    # The tag's archive has no configure script; what it would write for wasm32 is short.
    "libffi": r"""
number=$(echo "$VERSION" | awk -F. '{ printf "%d%02d%02d", $1, $2, $3 }')
sed -e "s/@VERSION@/$VERSION/;s/@FFI_VERSION_STRING@/$VERSION/;s/@FFI_VERSION_NUMBER@/$number/" \
    -e 's/@TARGET@/WASM32_EMSCRIPTEN/;s/@HAVE_LONG_DOUBLE@/1/;s/@FFI_EXEC_TRAMPOLINE_TABLE@/0/' \
    "$SRC/include/ffi.h.in" > "$OUT/include/ffi.h"
cp "$SRC/src/wasm/ffitarget.h" "$OUT/include"
cat > fficonfig.h <<'END'
#define HAVE_LONG_DOUBLE 1
#define HAVE_LONG_DOUBLE_VARIANT 0
#define HAVE_MEMCPY 1
#define HAVE_INTTYPES_H 1
#define HAVE_STDINT_H 1
#define STDC_HEADERS 1
#define HAVE_HIDDEN_VISIBILITY_ATTRIBUTE 1
#ifdef LIBFFI_ASM
#define FFI_HIDDEN(name) .hidden name
#else
#define FFI_HIDDEN __attribute__((visibility("hidden")))
#endif
END
printf "$SRC/src/%s.c\n" prep_cif types tramp closures wasm/ffi |
  compile -Wno-experimental -I. -I"$OUT/include" -I"$SRC/include"
emar rcs "$OUT/lib/libffi.a" *.o
""",
    # Without processes and what no module of Python asks for, and with our threads' names for
    # pthread's (Emscripten's -pthread is another memory). Not with LTO: no loop of ours is in it,
    # and the link takes long enough.
    "openssl": r"""
off() { printf ' no-%s' "$@"; }
FLAGS="$(echo "$CFLAGS" | sed 's/-flto//') -Os -include $THREADS"
CC=emcc AR=emar RANLIB=emranlib CFLAGS="$FLAGS" perl "$SRC/Configure" linux-generic32 --prefix=/ \
  --with-rand-seed=devrandom $(off asm shared dso module engine ktls afalgeng padlockeng \
  tests docs apps quic http comp ui-console legacy aria bf camellia cast idea mdc2 md4 rc2 rc4 \
  seed sm2 sm3 sm4 whirlpool cms cmp ct ts srp dsa gost ml-kem ml-dsa slh-dsa rfc3779 srtp dtls \
  ec2m siphash argon2 siv ocb)
sed -i 's/ -pthread//g' Makefile
emmake make -j"$JOBS" build_libs
cp libssl.a libcrypto.a "$OUT/lib"
cp -r "$SRC/include/openssl" "$OUT/include"
cp include/openssl/*.h "$OUT/include/openssl"
""",
}


def source_step(pins: Pins, name: str, toolchain: Step) -> Step:
    """Fetches, verifies and unpacks a library's source."""
    source = pins.sources[name]

    def run(context: Context) -> None:
        take(context, source)

    recipe = {"sha256": source.sha256}
    return Step(f"{name}-source", run, needs=(toolchain,), recipe=recipe, identity=TAKEN)


def library_step(
    pins: Pins, project: Path, name: str, profile: Profile, source: Step, toolchain: Step
) -> Step:
    """Builds one library with the profile's flags; output: include/ and lib/."""
    threads = project / THREADS
    script = SCRIPTS[name]
    pinned = pins.sources[name]

    def run(context: Context) -> None:
        for folder in ("include", "lib"):
            (context.out / folder).mkdir()
        context.script(
            PRELUDE + script,
            env={
                "SRC": str(context.output(source)),
                "OUT": str(context.out),
                "JOBS": str(context.jobs),
                "CFLAGS": " ".join(profile.flags),
                "TARGET_LDFLAGS": " ".join(CONFIGURE_LDFLAGS),
                "VERSION": taken(context.output(source), pinned).version,
                "THREADS": str(threads),
            },
        )

    return Step(
        name,
        run,
        needs=(toolchain, source),
        files=(threads,) if "$THREADS" in script else (),
        variant=profile.name,
        recipe={"script": PRELUDE + script, "flags": profile.flags, "link": CONFIGURE_LDFLAGS},
        seconds=SECONDS.get(name, 2),
    )
