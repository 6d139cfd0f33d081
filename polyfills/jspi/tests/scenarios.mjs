// One program, two implementations of JSPI: the engine's and the polyfill. Each
// scenario waits in its own way and returns plain data; run.mjs runs them all on
// one implementation and the tests compare the two, and both with what is right.
// Scenarios get {open, promising, SuspendError}: open(imports, options, module)
// makes a fresh instance and resolves to {ex, notes}.

export const later = (value) => new Promise((resolve) => setTimeout(resolve, 0, value));

/** What became of a promise or a call, as data. */
export async function outcome(start) {
  try {
    const value = await start();
    return typeof value === "bigint" ? `${value}n` : Object.is(value, -0) ? "-0" : Number.isNaN(value) ? "NaN" : (value ?? null);
  } catch (error) {
    return { thrown: error instanceof Error ? error.constructor.name : error, name: error?.name };
  }
}

/** When each of the started promises settles, counted in microtasks, and in which order. */
async function order(starts) {
  const seen = [];
  for (const [name, start] of Object.entries(starts)) {
    start().then(
      () => seen.push(name),
      () => seen.push(`${name} rejected`),
    );
  }
  seen.push("started");
  for (let i = 0, tick = Promise.resolve(); i < 8; i++) tick = tick.then(() => seen.push(i));
  await later();
  return seen;
}

/** A random order that is the same in every run. */
export function shuffled(list) {
  const result = [...list];
  let seed = 12345;
  for (let i = result.length - 1; i > 0; i--) {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    const j = seed % (i + 1);
    [result[i], result[j]] = [result[j], result[i]];
  }
  return result;
}

export const scenarios = {
  async result_of_each_type({ open, promising }) {
    const { ex } = await open({
      wait64: (x) => later(x * 2n),
      wait_float: (x) => later(x / 4),
      wait_nothing: () => later("ignored"),
    });
    return {
      i32: await outcome(() => promising(ex.once)(-7)),
      i32_wraps: await outcome(() => promising(ex.once)(2 ** 32 + 5)),
      i64: await outcome(() => promising(ex.i64)(2n ** 61n)),
      f64: await outcome(() => promising(ex.f64)(-0)),
      f64_nan: await outcome(() => promising(ex.f64)(NaN)),
      nothing: await outcome(() => promising(ex.nothing)()),
    };
  },

  async settled_value_of_the_wrong_type({ open, promising }) {
    const { ex } = await open({
      wait: () => later(5n),
      wait64: () => later(5),
      wait_float: () => later(undefined),
    });
    return {
      bigint_for_i32: await outcome(() => promising(ex.once)(1)),
      number_for_i64: await outcome(() => promising(ex.i64)(1n)),
      undefined_for_f64: await outcome(() => promising(ex.f64)(1)),
    };
  },

  async thousand_stacks_resumed_in_shuffled_order({ open, promising }) {
    const waiting = new Map();
    const { ex, notes } = await open({ wait: (x) => new Promise((resolve) => waiting.set(x, resolve)) });
    const finished = [];
    const run = promising(ex.once);
    const all = Array.from({ length: 1000 }, async (_, i) => {
      const got = await run(i + 1);
      finished.push(i + 1);
      return got - (i + 1);
    });
    const started = notes.length;
    const order = shuffled([...waiting.keys()]);
    for (const x of order) waiting.get(x)(x + 10_000);
    const differences = new Set(await Promise.all(all));
    return {
      started,
      differences: [...differences],
      finished_in_order: String(finished) === String(order),
      noted_in_order: String(notes.slice(1000)) === String(order.map((x) => -x)),
    };
  },

  async stacks_of_all_depths_interleaved_with_many_waits({ open, promising }) {
    const { ex } = await open({ wait: (x) => later(x) });
    return {
      deep: await Promise.all([0, 1, 300, 7, 150, 2].map((n) => promising(ex.deep)(n))),
      total: await Promise.all([10, 3, 40].map((n) => promising(ex.total)(n))),
    };
  },

  async order_of_microtasks({ open, promising }) {
    const { ex, notes } = await open({ wait: (x) => Promise.resolve(x) });
    const result = promising(ex.once)(1).then(() => notes.push("done"));
    notes.push("called");
    for (let i = 0, tick = Promise.resolve(); i < 5; i++) tick = tick.then(() => notes.push(`tick ${i}`));
    await result;
    await later();
    return notes;
  },

  async rejection_arrives_as_the_same_object({ open, promising }) {
    const reason = new RangeError("no");
    let rejected = reason;
    const { ex, notes } = await open({ wait: async () => Promise.reject(rejected) });
    const same = await promising(ex.once)(3).then(() => false, (error) => error === reason);
    rejected = undefined;
    const nothing = await promising(ex.once)(4).then(() => "resolved", (error) => error === undefined);
    return { same, nothing, notes };
  },

  async throw_of_the_import_itself({ open, promising }) {
    const { ex, notes } = await open({ wait: () => { throw new TypeError("at once"); } });
    return { result: await outcome(() => promising(ex.once)(3)), notes };
  },

  async value_that_is_no_promise({ open, promising, SuspendError }) {
    const { ex } = await open({ wait: (x) => x * 3 });
    let plain = "accepted";
    try {
      ex.once(1);
    } catch (error) {
      plain = error instanceof SuspendError;
    }
    return { total: await outcome(() => promising(ex.total)(4)), plain_entry_is_refused: plain };
  },

  async values_that_are_no_promises_let_others_run({ open, promising }) {
    const { ex, notes } = await open({ wait: (x) => x });
    await Promise.all([promising(ex.twice)(1), promising(ex.twice)(10), promising(ex.twice)(100)]);
    return notes;
  },

  async microtasks_of_every_kind_of_wait({ open, promising }) {
    const answers = {
      1: () => 1,
      2: () => Promise.resolve(1),
      3: () => Promise.reject(new Error("no")),
      4: () => { throw new Error("at once"); },
      5: () => ({ then: (resolve) => resolve(1) }),
      6: () => ({ get then() { throw new Error("getter"); } }),
      7: () => Promise.resolve().then(() => Promise.resolve(1)),
      8: async () => 1,
    };
    const { ex } = await open({ wait: (x) => answers[x]() });
    const result = {};
    for (const key of Object.keys(answers)) result[key] = await order({ it: () => promising(ex.once)(Number(key)) });
    result.no_wait = await order({ it: () => promising(ex.add)(1, 2) });
    result.trap = await order({ it: () => promising(ex.trap)(1) });
    result.together = await order({
      plain: () => promising(ex.once)(1),
      thenable: () => promising(ex.once)(5),
      resolved: () => promising(ex.once)(2),
      rejected: () => promising(ex.once)(3),
      nothing: () => promising(ex.add)(1, 2),
      longer: () => promising(ex.total)(2),
    });
    return result;
  },

  async stacks_that_wait_for_one_promise_resume_in_order({ open, promising }) {
    let settle;
    const shared = new Promise((resolve) => (settle = resolve));
    const { ex, notes } = await open({ wait: () => shared });
    const all = [3, 1, 2].map((x) => promising(ex.once)(x));
    notes.length = 0;
    settle(50);
    return { values: await Promise.all(all), notes };
  },

  async thenable_that_is_no_promise({ open, promising }) {
    const { ex } = await open({ wait: (x) => ({ then: (resolve) => resolve(x * 5) }) });
    return outcome(() => promising(ex.once)(4));
  },

  async thenables({ open, promising }) {
    let asked = 0;
    const kinds = {
      rejects: () => ({ then: (_, reject) => reject(new RangeError("no")) }),
      throws: () => ({ then: () => { throw new EvalError("no"); } }),
      settles_twice: () => ({ then: (resolve, reject) => { resolve(1); reject(new Error("late")); resolve(2); } }),
      function_with_then: () => Object.assign(() => 9, { then: (resolve) => resolve(7) }),
      then_is_no_function: () => ({ then: 5, valueOf: () => 6 }),
      gives_a_promise: () => ({ then: (resolve) => resolve(later(8)) }),
      gives_a_rejected_promise: () => ({ then: (resolve) => resolve(Promise.reject(new SyntaxError("no"))) }),
      subclass: () => (class extends Promise {}).resolve(11),
      getter: () => ({ get then() { asked++; return (resolve) => resolve(3); } }),
    };
    const seen = {};
    for (const [name, make] of Object.entries(kinds)) {
      const { ex } = await open({ wait: make });
      seen[name] = await outcome(() => promising(ex.once)(1));
    }
    return { ...seen, asked };
  },

  async everything_can_be_thrown({ open, promising }) {
    const reasons = [null, 0, "text", Symbol.for("s"), { then: 1 }, later];
    const same = [];
    for (const reason of reasons) {
      for (const wait of [() => { throw reason; }, () => Promise.reject(reason), (x) => later(x).then(() => { throw reason; })]) {
        const { ex } = await open({ wait });
        same.push(await promising(ex.deep)(3).then(() => "resolved", (error) => error === reason));
      }
    }
    return same;
  },

  async arguments_are_converted_as_in_a_call({ open, promising }) {
    const got = [];
    const { ex } = await open({ wait: (...args) => (got.push(args), later(args[0])), wait64: (...args) => (got.push(args.map(String)), later(args[0])) });
    return {
      text: await outcome(() => promising(ex.once)("12")),
      too_many: await outcome(() => promising(ex.once)(1, 2, 3)),
      none: await outcome(() => promising(ex.once)()),
      float: await outcome(() => promising(ex.once)(3.9)),
      bigint_for_i32: await outcome(() => promising(ex.once)(1n)),
      number_for_i64: await outcome(() => promising(ex.i64)(1)),
      wraps: await outcome(() => promising(ex.i64)(2n ** 64n + 5n)),
      symbol: await outcome(() => promising(ex.once)(Symbol("s"))),
      object: await outcome(() => promising(ex.once)({ valueOf: () => (got.push(["valueOf"]), 4) })),
      object_throws: await outcome(() => promising(ex.once)({ valueOf() { throw new EvalError("no"); } })),
      got: got.flat().map(String),
    };
  },

  async export_that_is_itself_the_waiting_import({ open, promising }) {
    const { ex } = await open({ wait: later });
    return Promise.all([1, 2, 3].map((x) => promising(ex.the_import)(x)));
  },

  async references_as_results({ open, promising }) {
    const { ex } = await open({});
    const run = promising(ex.echo);
    const object = {};
    const promised = Promise.resolve(object);
    const rejected = Promise.reject(new RangeError("no"));
    rejected.catch(() => undefined);
    return {
      object: (await run(object)) === object,
      null: await run(null),
      function_: (await run(later)) === later,
      promise: (await run(promised)) === object,
      another_promise: run(promised) !== promised,
      rejected: await run(rejected).then((got) => typeof got, (error) => error.name),
      ticks: await order({ promise: () => run(promised), object: () => run(object), thenable: () => run({ then: (yes) => yes(1) }) }),
    };
  },

  async f32_keeps_its_bits({ open, promising }) {
    const { ex } = await open({ wait32: (x) => later(x * 3) });
    return [await promising(ex.f32)(0.1), await outcome(() => promising(ex.f32)(NaN)), await promising(ex.f32)(1e300) === Infinity];
  },

  async many_parameters_and_locals_come_back({ open, promising }) {
    const { ex } = await open({ wait: later });
    const run = promising(ex.mixed);
    return (await Promise.all([1, 2, 3].map((x) => run(x, BigInt(x) << 40n, x / 8, x / 3)))).map(String);
  },

  async promising_called_while_others_are_suspended({ open, promising }) {
    const waiting = [];
    const { ex, notes } = await open({ wait: () => new Promise((resolve) => waiting.push(resolve)) });
    const run = promising(ex.twice);
    const results = [];
    const start = (x) => results.push(run(x));
    // A stack starts, another goes on, a third ends, over and over.
    start(1);
    start(2);
    waiting[0](10);
    await later();
    start(3);
    waiting[2](11);
    waiting[1](20);
    await later();
    start(4);
    for (let i = 3; waiting.length < 8 || i < waiting.length; i++) {
      waiting[i](i);
      await later();
    }
    return { results: await Promise.all(results), notes };
  },

  async re_entered_to_a_depth({ open, promising }) {
    let ex;
    ({ ex } = await open({
      // Each level is entered inside the function of the level above it, and waits for it.
      async wait(x) {
        if (x === 0) return 1;
        const inner = promising(ex.once)(x - 1);
        await later();
        return (await inner) + 1;
      },
    }));
    return promising(ex.once)(60);
  },

  async recursion_to_the_engine_s_limit({ open, promising }) {
    const { ex } = await open({ wait: later });
    const other = promising(ex.deep)(30);
    const seen = new Set();
    let wrong = 0;
    for (let n = 1000; n <= 256_000; n *= 2) {
      const got = await outcome(() => promising(ex.deep)(n));
      if (typeof got === "number") {
        if (got !== (n * (n + 1) / 2 | 0)) wrong++;
      } else {
        seen.add(got.name);
      }
    }
    return { wrong, seen: [...seen], other: await other, afterwards: await promising(ex.deep)(100) };
  },

  async promising_returns_a_promise_even_when_nothing_waits({ open, promising }) {
    const { ex } = await open({});
    const promise = promising(ex.add)(2, 3);
    const traps = promising(ex.trap)(0);
    return {
      promises: [promise instanceof Promise, traps instanceof Promise],
      value: await promise,
      trap: await outcome(() => traps),
      no_argument: await outcome(() => promising(ex.add)()),
    };
  },

  async plain_entry_cannot_wait({ open, promising, SuspendError }) {
    let asked = 0;
    const { ex } = await open({ wait: () => { asked++; return later(1); } });
    let error;
    try {
      ex.once(1);
    } catch (caught) {
      error = caught;
    }
    return {
      suspend_error: error instanceof SuspendError && error instanceof Error,
      name: error.name,
      asked,
      plain_exports_go_on: ex.add(1, 2),
      promising_goes_on: await promising(ex.once)(1),
    };
  },

  async plain_entry_from_the_table_cannot_wait({ open, SuspendError }) {
    const { ex } = await open({ wait: () => later(1) });
    try {
      return ex.table.get(2)(1);
    } catch (error) {
      return error instanceof SuspendError;
    }
  },

  async javascript_frame_between({ open, promising, SuspendError }) {
    let enter, caught;
    const { ex } = await open({
      wait: later,
      call: (x) => enter(x),
    });
    const seen = {};
    enter = (x) => ex.once(x);
    seen.uncaught = await promising(ex.through_js)(3).then(() => null, (error) => error instanceof SuspendError);
    enter = (x) => ex.table.get(2)(x);
    seen.by_the_table = await promising(ex.through_js)(3).then(() => null, (error) => error instanceof SuspendError);
    enter = (x) => {
      try {
        ex.once(x);
      } catch (error) {
        caught = error instanceof SuspendError;
      }
      return 500;
    };
    seen.caught_then_waits = await promising(ex.through_js)(4);
    seen.caught = caught;
    enter = (x) => ex.add(x, 1);
    seen.harmless_plain_call = await promising(ex.through_js)(4);
    enter = () => { throw new EvalError("by javascript"); };
    seen.throw_in_between = await outcome(() => promising(ex.through_js)(4));
    seen.afterwards = await promising(ex.once)(4);
    return seen;
  },

  async wait_inside_the_function_of_an_import_that_waits({ open, promising, SuspendError }) {
    let ex;
    let refused = 0;
    ({ ex } = await open({
      wait(x) {
        if (x > 100) return later(x);
        try {
          ex.once(200);
        } catch (error) {
          if (error instanceof SuspendError) refused++;
        }
        return promising(ex.once)(x + 100);
      },
    }));
    return { value: await promising(ex.once)(1), refused };
  },

  async promising_started_inside_an_import({ open, promising }) {
    const inner = [];
    let ex;
    const { ex: exports, notes } = await open({
      wait: (x) => later(x),
      call(x) {
        if (x > 0) inner.push(promising(ex.through_js)(x - 1));
        return 1000;
      },
    });
    ex = exports;
    const outer = await promising(ex.through_js)(5);
    // The inner ones started later and inside, but each is a stack of its own.
    return { outer, inner: await Promise.all(inner), count: inner.length, notes };
  },

  async wasm_calls_wasm_through_the_table({ open, promising }) {
    const { ex } = await open({ wait: later, call: (x) => x + 1 });
    return {
      suspending_import: await promising(ex.indirect)(0, 5),
      wasm_function: await promising(ex.indirect)(2, 6),
      plain_import: await promising(ex.indirect)(1, 7),
      null_entry: await outcome(() => promising(ex.indirect)(3, 8)),
    };
  },

  async traps({ open, promising }) {
    const { ex } = await open({ wait: later });
    const first = promising(ex.once)(1);
    const seen = {
      before_any_wait: await outcome(() => promising(ex.trap)(1)),
      after_a_wait: await outcome(() => promising(ex.trap_after)(1)),
      stack_overflow: await outcome(() => promising(ex.overflow)()),
    };
    seen.the_other_stack = await first;
    seen.a_new_stack = await promising(ex.deep)(20);
    return seen;
  },

  async memory_grows_while_suspended({ open, promising }) {
    const { ex } = await open({
      async wait(x) {
        await later();
        ex.memory.grow(1);
        await later();
        return x;
      },
    });
    return Promise.all([11, 12, 13].map((x) => promising(ex.grow_and_wait)(x)));
  },

  async exceptions_caught_by_wasm({ open, promising }) {
    let wait = (x) => later(x);
    const { ex } = await open({ wait: (x) => wait(x), call: (x) => ex.caught(x) }, {}, "catching");
    const seen = { value: await promising(ex.caught)(5) };
    wait = () => Promise.reject(new Error("no"));
    seen.rejection = await promising(ex.caught)(5);
    wait = () => { throw new Error("at once"); };
    seen.throw = await promising(ex.caught)(5);
    wait = later;
    seen.plain_entry = ex.caught(5);
    seen.javascript_frame = await promising(ex.caught_call)(5);
    return seen;
  },

  async wasm_s_own_exceptions_across_a_wait({ open, promising }) {
    let wait = later;
    const { ex } = await open({ wait: (x) => wait(x) }, {}, "catching");
    const seen = {
      caught_in_the_caller: await promising(ex.catch_after)(5),
      one_of_many: await Promise.all([1, 2, 3].map((x) => promising(ex.catch_after)(x))),
      rethrown_and_caught: await promising(ex.rethrow_after)(6),
    };
    const thrown = await promising(ex.throw_after)(7).catch((error) => error);
    seen.uncaught = [thrown instanceof WebAssembly.Exception, thrown.is(ex.tag), thrown.getArg(ex.tag, 0)];
    wait = (x) => later().then(() => { throw new WebAssembly.Exception(ex.tag, [x + 100]); });
    seen.rejected_with_one = await promising(ex.catch_after)(8);
    wait = later;
    seen.traps_are_not_caught = await outcome(() => promising(ex.trap_after)(9));
    seen.waits_again_after_a_catch = ((wait = (x) => (x < 50 ? Promise.reject(new Error("no")) : later(x))), await promising(ex.retry)(10));
    return seen;
  },

  async api_errors({ open, promising, Suspending, SuspendError }) {
    const { ex } = await open({});
    return {
      not_a_function: await outcome(() => promising(5)),
      null: await outcome(() => promising(null)),
      javascript_function: await outcome(() => promising(() => 1)),
      suspending_no_function: await outcome(() => new Suspending({})),
      suspending_wasm_function: await outcome(() => new Suspending(ex.add)),
      suspending_promising_function: await outcome(() => new Suspending(promising(ex.add))),
      suspending_without_new: await outcome(() => Suspending(() => 1)),
      tag: Object.prototype.toString.call(new Suspending(() => 1)),
      error: [new SuspendError("x") instanceof Error, new SuspendError("x").message, new SuspendError("x").name],
      wasm_function: typeof promising(ex.add),
      length: promising(ex.add).length,
      each_call_makes_one: promising(ex.add) !== promising(ex.add),
      of_a_promising_function: await outcome(() => promising(promising(ex.once))(5)),
      as_a_constructor: await outcome(() => new (promising(ex.add))()),
      the_import: await outcome(() => typeof promising(ex.the_import)),
    };
  },
};

/** What only the polyfill has: buffers. open() takes its options here. */
export const polyfillScenarios = {
  async buffers_are_pooled_and_reused({ open, promising }) {
    const { ex, jspi, allocated, freed } = await open({ wait: later }, {});
    const run = promising(ex.once);
    for (let i = 0; i < 20; i++) await run(i);
    const one = jspi.stats();
    await Promise.all(Array.from({ length: 8 }, () => run(1)));
    const pending = Array.from({ length: 3 }, () => run(1));
    const during = jspi.stats();
    await Promise.all(pending);
    const after = jspi.stats();
    return { one, during, after, allocated, freed };
  },

  async buffer_grows_with_the_depth_the_program_tells({ open, promising }) {
    let size = 2000;
    const { ex, jspi, freed } = await open({ wait: later }, { bufferSize: () => size });
    const small = await promising(ex.deep)(10);
    const before = jspi.stats();
    size = 1 << 20;
    const large = await promising(ex.deep)(5000);
    const after = jspi.stats();
    size = 100;
    const again = await promising(ex.deep)(10);
    return { small, large, again, before, after, last: jspi.stats(), freed: freed.length };
  },

  async buffer_too_small_is_a_clear_error({ open, promising }) {
    let size = 1024;
    const message = (promise) => promise.then(() => null, (error) => `${error.name}: ${error.message}`);
    const { ex, jspi, notes } = await open({ wait: later }, { bufferSize: () => size, margin: 1 << 16 });
    const waiting = [message(promising(ex.once)(1)), message(promising(ex.once)(2))];
    const lost = await message(promising(ex.deep)(500));
    const noted = notes.length;
    size = 65536;
    return {
      lost,
      waiting: await Promise.all(waiting),
      went_on: notes.length - noted,
      again: await message(promising(ex.deep)(5)),
      plain_export: ex.add(1, 2),
      state: ex.asyncify_get_state(),
      suspended: jspi.stats().suspended,
    };
  },

  async buffer_too_small_at_the_end_of_the_memory({ open, promising }) {
    // The rejection, of which nobody will hear, must not become an unhandled one.
    const wait = () => Promise.reject(new Error("unheard"));
    const { ex } = await open({ wait }, { bufferSize: () => 1024 });
    const error = await promising(ex.deep)(9000).catch((caught) => caught);
    return { message: `${error.name}: ${error.message}`, cause: error.cause?.constructor.name, state: ex.asyncify_get_state() };
  },

  async default_buffer_holds_whatever_the_engine_can({ open, promising }) {
    const { ex, jspi } = await open({ wait: later }, {});
    const run = promising(ex.deep);
    let deepest = 0;
    const errors = new Set();
    for (let n = 1000; n < 200_000; n = Math.floor(n * 1.25)) {
      const got = await outcome(() => run(n));
      if (got === ((n * (n + 1)) / 2 | 0)) deepest = n;
      else errors.add(got.name ?? `wrong value ${got} of ${n}`);
    }
    return { deepest, errors: [...errors], bytes: jspi.stats().deepest };
  },

  async a_suspended_stack_takes_as_much_memory_as_it_needs({ open, promising }) {
    const { ex, jspi } = await open({ wait: later }, {});
    const all = Array.from({ length: 1000 }, (_, i) => promising(ex.deep)(i % 4));
    const during = jspi.stats();
    const sum = (await Promise.all(all)).reduce((a, b) => a + b);
    return { during, sum, after: jspi.stats() };
  },

  async guard_word_overwritten({ open, promising }) {
    const { ex, allocated, jspi } = await open({ wait: later }, { bufferSize: () => 1024 });
    const message = (promise) => promise.then(() => null, (error) => `${error.name}: ${error.message}`);
    const break_guard = (buffer) => void (new Uint8Array(ex.memory.buffer)[buffer.pointer + buffer.size - 8] ^= 1);
    const [first, second] = [promising(ex.once)(1), promising(ex.once)(2)];
    break_guard(allocated[1]); // of the first, which had to leave the area
    const moved = await message(first);
    const stats = { ...jspi.stats() };
    const other = await second;
    const in_area = promising(ex.once)(3);
    break_guard(allocated[0]);
    const evicted = promising(ex.once)(4);
    return { moved, other, stats, in_area: await message(in_area), evicted: await evicted, last: jspi.stats(), afterwards: await promising(ex.once)(5) };
  },

  async header_overwritten({ open, promising }) {
    const { ex, allocated } = await open({ wait: later }, {});
    const messages = [];
    for (const [offset, value] of [[0, 0], [0, 0xfffffff0], [4, 0], [4, 0xfffffff0]]) {
      const lost = promising(ex.once)(1);
      new DataView(ex.memory.buffer).setUint32(allocated.at(-1).pointer + offset, value, true);
      messages.push(await lost.then(() => null, (error) => `${error.name}: ${error.message}`));
    }
    return { messages, afterwards: await promising(ex.once)(3) };
  },

  async trap_in_the_middle_of_the_rewind({ open, promising }) {
    const { ex, jspi } = await open({ wait: later }, {});
    const lost = promising(ex.indirect)(2, 6);
    const other = promising(ex.once)(1);
    const entry = ex.table.get(2);
    ex.table.set(2, null);
    const trapped = await outcome(() => lost);
    const state = ex.asyncify_get_state();
    ex.table.set(2, entry);
    return { trapped, state, other: await other, again: await promising(ex.indirect)(2, 6), stats: jspi.stats() };
  },

  async saved_frames_overwritten({ open, promising }) {
    const { ex, allocated } = await open({ wait: later }, {});
    const lost = promising(ex.deep)(3);
    const { pointer } = allocated[0];
    const view = new DataView(ex.memory.buffer);
    const top = view.getUint32(pointer, true);
    for (let at = pointer + 8; at < top; at += 4) view.setUint32(at, 77, true);
    const result = await outcome(() => lost);
    return {
      failed: typeof result === "object",
      state: ex.asyncify_get_state(),
      afterwards: await promising(ex.deep)(3),
    };
  },

  async rewind_arrives_with_frames_left_over({ open, promising }) {
    const { ex, allocated } = await open({ wait: later }, {});
    const lost = promising(ex.deep)(3);
    const { pointer } = allocated[0];
    const view = new DataView(ex.memory.buffer);
    const frame = (view.getUint32(pointer, true) - pointer - 8) / 4;
    // A frame begins with the number of the call it stands in. Now the outermost one
    // stands in the call of the import.
    view.setUint32(pointer + 8 + 3 * frame, view.getUint32(pointer + 8, true), true);
    return {
      message: await lost.then(() => null, (error) => `${error.name}: ${error.message}`),
      state: ex.asyncify_get_state(),
      afterwards: await promising(ex.deep)(3),
    };
  },

  async function_that_was_not_instrumented({ open, promising }) {
    const { ex, notes } = await open({ wait: later }, {}, "holes");
    const message = (promise) => promise.then(() => null, (error) => `${error.name}: ${error.message}`);
    const seen = {
      calls_javascript: await message(promising(ex.once)(1)),
      notes,
      waits_again: await message(promising(ex.total)(3)),
    };
    const lost = promising(ex.maybe)();
    new Uint32Array(ex.memory.buffer)[4] = 1;
    seen.does_not_come_back = await message(lost);
    seen.state = ex.asyncify_get_state();
    seen.afterwards = await promising(ex.deep)(3);
    return seen;
  },

  async no_memory_for_a_buffer({ open, promising }) {
    let full = true;
    const { ex, jspi } = await open({ wait: () => Promise.reject(new Error("unheard")) }, { full: () => full });
    const message = await promising(ex.once)(1).then(() => null, (error) => `${error.name}: ${error.message}`);
    full = false;
    return { message, stats: jspi.stats(), afterwards: await outcome(() => promising(ex.once)(1)) };
  },

  async no_memory_for_the_stack_that_waits_already({ open, promising }) {
    let full = false;
    const { ex, jspi } = await open({ wait: later }, { full: () => full });
    const first = promising(ex.once)(1);
    full = true;
    const second = await outcome(() => promising(ex.once)(2));
    return { first: await first, second, alone: await promising(ex.once)(3), stats: jspi.stats() };
  },

  async plain_values_go_on_when_asked_to({ open, promising }) {
    const { ex, notes, jspi } = await open({ wait: (x) => (x < 100 ? x : later(x)) }, { plainValuesGoOn: true });
    const values = await Promise.all([promising(ex.twice)(1), promising(ex.twice)(10), promising(ex.once)(100)]);
    return { values, notes, unwinds: jspi.stats().unwinds };
  },

  async wrong_answers_of_the_program({ open, promising }) {
    const messages = [];
    for (const options of [{ bufferSize: () => NaN }, { bufferSize: () => -1 }, { bufferSize: () => 2 ** 31 }, { offset: 2 }, { offset: 1 << 24 }]) {
      const { ex } = await open({ wait: later }, options);
      messages.push(await promising(ex.once)(1).then(() => null, (error) => `${error.name}: ${error.message}`));
    }
    return messages;
  },

  async pool_is_as_large_as_the_most_stacks_suspended_at_once({ open, promising }) {
    const { ex, jspi } = await open({ wait: later }, {});
    for (let round = 0; round < 3; round++) {
      await Promise.all(Array.from({ length: 200 }, (_, i) => promising(ex.deep)(i % 17)));
    }
    const { buffers, pooled, suspended, unwinds } = jspi.stats();
    return { buffers, pooled, suspended, unwinds };
  },

  async waits_without_a_promising_entry_unwind_nothing({ open, promising }) {
    const { ex, jspi } = await open({ wait: later, call: (x) => ex.once(x) }, {});
    await outcome(() => ex.once(1));
    await outcome(() => promising(ex.through_js)(1));
    return { stats: jspi.stats(), state: ex.asyncify_get_state() };
  },

  async unguarded_imports_are_the_functions_themselves({ open, promising }) {
    const names = [];
    const { ex, notes } = await open(
      { wait: later },
      { unguarded: (module, name, value) => (names.push([module, name, typeof value]), name === "note") },
    );
    return { value: await promising(ex.once)(9), names, notes };
  },

  async errors_of_attach({ createAsyncifyJspi, open, modules, imports }) {
    const { jspi, instance, ex } = await open({}, {});
    const fresh = () => createAsyncifyJspi({ allocate: () => 0, free() {} });
    const message = async (start) => outcome(start).then(async () => {
      try {
        await start();
        return null;
      } catch (error) {
        return `${error.name}: ${error.message}`;
      }
    });
    const plain = await WebAssembly.instantiate(modules.plain, imports({}));
    const hidden = { exports: { ...ex, memory: undefined } };
    const given = fresh();
    given.attach(hidden, ex.memory);
    return {
      twice: await message(() => jspi.attach(instance)),
      not_asyncified: await message(() => fresh().attach(plain)),
      no_memory: await message(() => fresh().attach(hidden)),
      too_early: await message(() => fresh().promising(ex.add)(1, 2)),
      missing_imports: await message(() => WebAssembly.instantiate(modules.asyncify, fresh().wrapImports({}))),
      missing_import: await message(() => WebAssembly.instantiate(modules.asyncify, fresh().wrapImports({ env: {} }))),
    };
  },
};
