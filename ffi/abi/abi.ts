/*
 * The numbers that C and TypeScript share in ffi/: those of numbers.toml, as ffi/abi/abi.h has them.
 * abi.h says what a slot is and who owns what. Used by every TypeScript file of ffi/.
 */

export * from "../../build/generated/ffi/abi/numbers.ts";
