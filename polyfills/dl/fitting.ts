// fitting.ts - functions that are called with other parameters than they are declared with.
//
// C casts pointers to functions. A processor does not mind when a function takes fewer parameters than
// it is called with, or gives nothing where something is expected; wasm traps, which ends the runtime.
// CPython says what it will call a function of an extension with (patch 0034), and gets a function around it
// where that differs. It is wasm, not JavaScript: a wait passes it, and on the Asyncify core it has
// nothing to save. Used by linker.ts.

import { Encoder, F32, F64, FUNCTION_TYPE, HEADER, I32, I64, OPCODE } from "./encoder.ts";
import { SECTION } from "./wasm_file.ts";

/** Whether a function of this type, as it is encoded, can be called with so many parameters of 32 bits, and gives one. */
export function fits(type: Uint8Array, parameters: number): boolean {
  return type.join() === typeOf(parameters).join();
}

/**
 * A module whose function "f" is called so and calls the slot of the table "t"."t", where a function of another
 * type is. What is missing is 0, what is too much is dropped. Undefined where that function takes
 * something else than numbers.
 */
export function fittingModule(type: Uint8Array, slot: number, parameters: number): Uint8Array<ArrayBuffer> | undefined {
  const count = type[1] as number;
  const taken = [...type.subarray(2, 2 + count)];
  const results = [...type.subarray(3 + count)];
  const given = [...taken, ...results];
  if (given.length > 100 || given.some((kind) => ![I32, I64, F32, F64].includes(kind)) || results.length > 1) return undefined;
  return new Encoder()
    .raw(HEADER)
    .section(SECTION.type, (to) => to.number(2).raw(type).raw(typeOf(parameters)))
    .section(SECTION.import, (to) => to.number(1).text("t").text("t").raw([1, 0x70, 0, 0]))
    .section(SECTION.function, (to) => to.number(1).number(1))
    .section(SECTION.export, (to) => to.number(1).text("f").byte(0).number(0))
    .section(SECTION.code, (to) =>
      to.number(1).sized((body) => {
        body.number(0);
        taken.forEach((kind, place) => {
          if (place >= parameters || kind === F32 || kind === F64) zero(body, kind);
          else {
            body.byte(OPCODE.localGet).number(place);
            if (kind === I64) body.byte(OPCODE.i64ExtendI32);
          }
        });
        body.byte(OPCODE.i32Const).signed(slot);
        body.byte(OPCODE.callIndirect).number(0).number(0);
        const [result] = results;
        if (result === I64) body.byte(OPCODE.i32WrapI64);
        else if (result === F32 || result === F64) body.byte(OPCODE.drop);
        if (result !== I32 && result !== I64) zero(body, I32);
        body.byte(OPCODE.end);
      }),
    ).bytes;
}

function typeOf(parameters: number): number[] {
  return [FUNCTION_TYPE, parameters, ...new Array<number>(parameters).fill(I32), 1, I32];
}

function zero(to: Encoder, kind: number): void {
  if (kind === I32) to.byte(OPCODE.i32Const).byte(0);
  else if (kind === I64) to.byte(OPCODE.i64Const).byte(0);
  else if (kind === F32) to.byte(OPCODE.f32Const).raw(new Array<number>(4).fill(0));
  else to.byte(OPCODE.f64Const).raw(new Array<number>(8).fill(0));
}
