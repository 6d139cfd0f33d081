// thunks.ts - functions that call what a slot of the table will hold.
//
// A library imports functions before they exist: its own, where the compiler lets others define them
// first (weak C++ functions), and those of libraries that need each other. Each such import is a
// function of a little module that calls a slot, which is filled when the function is there. It is
// wasm, not JavaScript: a wait passes it. Used by linker.ts.

import { Encoder, FUNCTION_TYPE, HEADER, OPCODE } from "./encoder.ts";
import { Reader, SECTION } from "./wasm_file.ts";

/** A function of this type (as it is encoded) that calls this slot. */
export interface Thunk {
  readonly type: Uint8Array;
  readonly slot: number;
}

/** A module that imports the table as "t"."t" and exports the thunks by their places: "0", "1", ... */
export function thunkModule(thunks: readonly Thunk[]): Uint8Array<ArrayBuffer> {
  const types = new Map<string, { index: number; encoded: Uint8Array }>();
  const typeOf = thunks.map(({ type }) => {
    const key = type.join();
    let known = types.get(key);
    if (known === undefined) types.set(key, (known = { index: types.size, encoded: type }));
    return known.index;
  });
  return new Encoder()
    .raw(HEADER)
    .section(SECTION.type, (to) => to.vector([...types.values()], ({ encoded }) => to.raw(encoded)))
    .section(SECTION.import, (to) => to.number(1).text("t").text("t").raw([1, 0x70, 0, 0]))
    .section(SECTION.function, (to) => to.vector(typeOf, (index) => to.number(index)))
    .section(SECTION.export, (to) => to.vector(thunks, (_, index) => to.text(String(index)).byte(0).number(index)))
    .section(SECTION.code, (to) =>
      to.vector(thunks, ({ type, slot }, place) =>
        to.sized((body) => {
          body.number(0);
          for (let local = 0; local < parameters(type); local++) body.byte(OPCODE.localGet).number(local);
          body.byte(OPCODE.i32Const).signed(slot);
          body.byte(OPCODE.callIndirect).number(typeOf[place] as number).number(0).byte(OPCODE.end);
        }),
      ),
    ).bytes;
}

/** How many parameters a type has. */
export function parameters(type: Uint8Array): number {
  const reader = new Reader(type);
  if (reader.byte() !== FUNCTION_TYPE) throw new Error("no type of a function");
  return reader.number();
}
