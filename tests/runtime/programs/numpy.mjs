// Programs of test_numpy.py.

export async function load({ pyodide, check }, address) {
  await pyodide.loadPackage(address, { messageCallback: () => undefined });
  pyodide.runPython("import numpy as np");
  check(pyodide.loadedPackages.numpy === address);
}

const TYPES = {
  int8: "Int8Array", uint8: "Uint8Array", int16: "Int16Array", uint16: "Uint16Array", int32: "Int32Array",
  uint32: "Uint32Array", int64: "BigInt64Array", uint64: "BigUint64Array", float32: "Float32Array", float64: "Float64Array",
};

function take(py, code, use) {
  const array = py(code);
  try {
    return use(array);
  } finally {
    array.destroy();
  }
}

const text = (value) => JSON.stringify(value, (_, one) => (ArrayBuffer.isView(one) ? String(one) : one));

export function typed_arrays({ check, py }) {
  const types = { ...TYPES, ...("Float16Array" in globalThis ? { float16: "Float16Array" } : {}) };
  for (const [type, name] of Object.entries(types)) {
    const rows = take(py, `np.arange(6, dtype="${type}").reshape(2, 3)`, (array) => array.toJs());
    check(rows[0].constructor.name === name, type);
    check(text(rows) === '["0,1,2","3,4,5"]', `${type}: ${text(rows)}`);
    take(py, `np.zeros((2, 3), "${type}")`, (array) => {
      const view = array.getBuffer();
      check(view.data.constructor.name === name && text([view.shape, view.strides]) === "[[2,3],[3,1]]", type);
      view.release();
    });
  }
  const deep = take(py, "np.arange(8, dtype='u1').reshape(2, 2, 2)", (array) => array.toJs());
  check(text(deep) === '[["0,1","2,3"],["4,5","6,7"]]', text(deep));
}

export function layouts({ check, py }) {
  const every = "np.arange(24, dtype='i4').reshape(4, 6)[::-2, 1::2]";
  check(text(take(py, every, (array) => array.toJs())) === '["19,21,23","7,9,11"]');
  take(py, every, (array) => {
    const { data, offset, strides, shape } = array.getBuffer();
    const seen = Array.from({ length: shape[0] }, (_, i) =>
      Array.from({ length: shape[1] }, (_, j) => data[offset + i * strides[0] + j * strides[1]]),
    );
    check(text(seen) === "[[19,21,23],[7,9,11]]", text(seen));
  });
  check(text(take(py, "np.asfortranarray(np.arange(6.).reshape(2, 3))", (a) => a.toJs())) === '["0,1,2","3,4,5"]');
  check(text(take(py, "np.arange(3, dtype='>f8')", (array) => array.toJs())) === '"0,1,2"');
  take(py, "np.arange(3, dtype='>f8')", (array) => {
    const view = array.getBuffer("dataview");
    check(view.data.getFloat64(8) === 1);
    view.release();
  });
  check(text(take(py, "np.zeros((0, 3))", (array) => array.toJs())) === "[]");
  check(text(take(py, "np.array(5.)", (array) => array.toJs())) === '"5"');
}

export function shared_memory({ check, py }, grow) {
  py("shared = np.arange(3.)");
  take(py, "shared", (array) => {
    const view = array.getBuffer();
    view.data[1] = 7;
    check(py("float(shared[1])") === 7);
    py(grow);
    view.data[2] = 8; // a new typed array, since growth has detached the other one
    check(py("float(shared[2])") === 8);
    view.release();
  });
  py("del shared");
}

export function typed_arrays_to_numpy({ py }, program) {
  globalThis.given = {
    Int8: new Int8Array([1, 2, 3]),
    Uint16: new Uint16Array([1, 2, 3]),
    Int32: new Int32Array([1, 2, 3]),
    Float32: new Float32Array([1, 2, 3]),
    Float64: new Float64Array([1, 2, 3]),
    BigInt64: new BigInt64Array([1n, 2n, 3n]),
  };
  try {
    py(program);
  } finally {
    delete globalThis.given;
  }
}
