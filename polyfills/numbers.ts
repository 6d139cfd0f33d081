// numbers.ts - the numbers of numbers.toml: what C and TypeScript share in polyfills/, and the C
// library's errno, flags and sizes. Used by most files of polyfills/, and by runtime/.

export * from "../build/generated/polyfills/numbers.ts";
