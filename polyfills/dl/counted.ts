// counted.ts - on the Asyncify core: a library's functions tell that they are on the stack.
//
// Asyncify leaves a stack by having each function return, and a library was not made for that. So a
// wait above one has to be refused, and the core must know. Each function by which a library is
// entered (it exports it, or has it in the table) gets a wrapper that notes the library's name in a
// variable of the core (sospeso_library in jspi/task.c) and puts back what was there when the
// function returns or throws. The wrappers come after all functions, so that no index moves and the
// code is copied as it is. Used by linker.ts.
//
// Invariants
//  1. The variable is 0 when no function of a library is on the running stack: a stack is left only
//     then, so that one variable is enough for all stacks.
//  2. A function is wrapped once, whatever it is called by; calls within the library pass no wrapper.

import { EMPTY, Encoder, FUNCTION_TYPE, I32, OPCODE } from "./encoder.ts";
import { parameters } from "./thunks.ts";
import { FUNCTION, Reader, SECTION, type WasmFile } from "./wasm_file.ts";

/**
 * The library with the wrappers.
 * @param bytes what `file` was read from.
 * @param variable address of the variable.
 * @param name address of the library's name, a C string.
 */
export function counted(
  bytes: Uint8Array<ArrayBuffer>,
  file: WasmFile,
  variable: number,
  name: number,
): Uint8Array<ArrayBuffer> {
  const { sections, functionTypes, types } = file;
  const wrappers = new Map<number, number>(); // function -> its wrapper
  const wrap = (index: number): number => {
    let wrapper = wrappers.get(index);
    if (wrapper === undefined) wrappers.set(index, (wrapper = functionTypes.length + wrappers.size));
    return wrapper;
  };
  const parts = new Map<number, Encoder>();
  for (const { kind, from, to } of sections) {
    if (kind === SECTION.export) parts.set(kind, exportsOf(new Reader(bytes, from), wrap));
    else if (kind === SECTION.element) parts.set(kind, elementsOf(new Reader(bytes, from), bytes.subarray(from, to), wrap));
  }
  const wrapped = [...wrappers.keys()];
  const manyResults: Uint8Array[] = []; // types of blocks that the module does not have
  const bodies = wrapped.map((index) => {
    const type = types[functionTypes[index] as number] as Uint8Array;
    return wrapper(index, type, variable, name, (results) => {
      manyResults.push(new Uint8Array([FUNCTION_TYPE, 0, ...results]));
      return types.length + manyResults.length - 1;
    });
  });
  const made = new Encoder().raw(bytes.subarray(0, 8));
  let previous = 8;
  for (const { kind, start, from, to } of sections) {
    made.raw(bytes.subarray(previous, start)); // custom sections in between
    const reader = new Reader(bytes, from);
    const part = parts.get(kind);
    if (part !== undefined) made.byte(kind).number(part.bytes.length).raw(part.bytes);
    else if (kind === SECTION.type) made.section(kind, (out) => more(out, reader, to, manyResults.length).raw(manyResults.flatMap((type) => [...type])));
    else if (kind === SECTION.function) {
      made.section(kind, (out) => {
        more(out, reader, to, wrapped.length);
        for (const index of wrapped) out.number(functionTypes[index] as number);
      });
    } else if (kind === SECTION.code) {
      made.section(kind, (out) => {
        more(out, reader, to, bodies.length);
        for (const body of bodies) out.number(body.length).raw(body);
      });
    } else made.raw(bytes.subarray(start, to));
    previous = to;
  }
  return made.raw(bytes.subarray(previous)).bytes;
}

/** A vector that is copied, with so many more items to come. */
function more(out: Encoder, reader: Reader, to: number, count: number): Encoder {
  return out.number(reader.number() + count).raw(reader.bytes.subarray(reader.at, to));
}

function exportsOf(reader: Reader, wrap: (index: number) => number): Encoder {
  const out = new Encoder();
  const all = reader.vector(() => ({ name: reader.text(), kind: reader.byte(), index: reader.number() }));
  return out.vector(all, ({ name, kind, index }) => out.text(name).byte(kind).number(kind === FUNCTION ? wrap(index) : index));
}

/** The slots' functions; segments that compilers do not make are left as they are. */
function elementsOf(reader: Reader, whole: Uint8Array, wrap: (index: number) => number): Encoder {
  const out = new Encoder();
  const count = reader.number();
  out.number(count);
  for (let left = count; left > 0; left--) {
    if (reader.number() !== 0) return new Encoder().raw(whole);
    const from = reader.at;
    reader.byte(); // global.get or i32.const
    while (reader.byte() & 128); // of which global, or which slot
    reader.byte(); // end
    const offset = reader.bytes.subarray(from, reader.at);
    const functions = reader.vector(() => reader.number());
    out.number(0).raw(offset).vector(functions, (index) => out.number(wrap(index)));
  }
  return out;
}

function wrapper(
  index: number,
  type: Uint8Array,
  variable: number,
  name: number,
  blockType: (results: Uint8Array) => number,
): Uint8Array {
  const count = parameters(type);
  const results = type.subarray(2 + count); // their number, and they themselves
  const out = new Encoder();
  const old = count; // the local that keeps what was there
  const address = (): Encoder => out.byte(OPCODE.i32Const).signed(variable);
  const putBack = (): Encoder => address().byte(OPCODE.localGet).number(old).byte(OPCODE.i32Store).raw([2, 0]);
  out.number(1).number(1).byte(I32);
  address().byte(OPCODE.i32Load).raw([2, 0]).byte(OPCODE.localSet).number(old);
  address().byte(OPCODE.i32Const).signed(name).byte(OPCODE.i32Store).raw([2, 0]);
  out.byte(OPCODE.try);
  if (results[0] === 0) out.byte(EMPTY);
  else if (results[0] === 1) out.byte(results[1] as number);
  else out.signed(blockType(results));
  for (let local = 0; local < count; local++) out.byte(OPCODE.localGet).number(local);
  out.byte(OPCODE.call).number(index).byte(OPCODE.catchAll);
  putBack().byte(OPCODE.rethrow).number(0).byte(OPCODE.end);
  return putBack().byte(OPCODE.end).bytes.slice();
}
