// Programs of test_buffers.py.

export function chosen_by_format({ check, same, py }, format, name) {
  const array = py(`import array; array.array('${format}', [1, 2, 3])`);
  const view = array.getBuffer();
  check(view.data.constructor.name === name, view.data.constructor.name);
  check(Number(view.data[0]) === 1 && view.data.length === 3 && view.offset === 0);
  check(view.format === format && view.ndim === 1 && view.itemsize === view.data.BYTES_PER_ELEMENT);
  same(view.shape, [3]);
  same(view.strides, [1]);
  check(view.nbytes === view.data.byteLength && !view.readonly && view.c_contiguous && view.f_contiguous);
  view.data[2] = name.startsWith("Big") ? 9n : 9;
  view.release();
  check(view.data === null);
  view.release();
  check(Number(array.get(2)) === 9);
  array.destroy();
}

export function as_another_type({ check, caught, py }) {
  const bytes = py("b'\\x01\\x00\\x02\\x00'");
  for (const [type, name, length] of [
    ["u8", "Uint8Array", 4],
    ["u8clamped", "Uint8ClampedArray", 4],
    ["i16", "Int16Array", 2],
    ["f32", "Float32Array", 1],
    ["dataview", "DataView", undefined],
  ]) {
    const view = bytes.getBuffer(type);
    check(view.data.constructor.name === name && view.data.length === length && view.readonly, type);
    view.release();
  }
  const wrong = caught(() => bytes.getBuffer("u7"));
  check(/Unknown type u7/.test(wrong.message));
  bytes.destroy();
  const none = py("object()");
  check(none.getBuffer === undefined);
  none.destroy();
}

export function strides_and_offsets({ check, same, py }) {
  const memory = py("memoryview(bytearray(range(12)))[::-2]");
  const view = memory.getBuffer();
  const got = [];
  for (let i = 0; i < view.shape[0]; i++) got.push(view.data[view.offset + i * view.strides[0]]);
  same(got, [11, 9, 7, 5, 3, 1]);
  check(!view.c_contiguous);
  view.release();
  memory.destroy();
  const grid = py("memoryview(bytearray(range(24))).cast('B', (2, 3, 4))");
  const cube = grid.getBuffer();
  same(cube.shape, [2, 3, 4]);
  same(cube.strides, [12, 4, 1]);
  check(cube.data[cube.offset + 12 + 2 * 4 + 3] === 23);
  cube.release();
  grid.destroy();
  const empty = py("bytearray()");
  const nothing = empty.getBuffer();
  check(nothing.data.length === 0 && nothing.nbytes === 0);
  nothing.release();
  empty.destroy();
}

export function exported_until_release({ check, caught, py }) {
  const raw = py("raw = bytearray(b'abc'); raw");
  {
    const view = raw.getBuffer();
    check(/BufferError/.test(caught(() => py("raw.append(1)")).message));
    view[Symbol.dispose]();
  }
  py("raw.append(100)");
  const view = raw.getBuffer();
  raw.destroy();
  py("del raw");
  check(view.data[3] === 100);
  const before = view.data;
  py("grown = bytearray(100_000_000)");
  check(view.data[3] === 100 && (before.length === 0 || before === view.data));
  py("del grown");
  view.release();
}

export function elements_that_no_typed_array_has({ check, caught, py }, program) {
  py(program);
  const points = py("points");
  check(/format/.test(caught(() => points.getBuffer()).message));
  const bytes = points.getBuffer("u8");
  check(bytes.nbytes === 32);
  bytes.release();
  points.destroy();
  const shifted = py("shifted");
  const error = caught(() => shifted.getBuffer());
  check(/does not have valid alignment for a Float64Array/.test(error.message), error.message);
  shifted.destroy();
  py("del points, shifted");
}
