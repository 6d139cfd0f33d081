/*
 * The numbers that C and TypeScript share in jspi/: those of numbers.toml. Used by the scheduler and
 * by what waits with it.
 */

export * from "../build/generated/jspi/numbers.ts";
