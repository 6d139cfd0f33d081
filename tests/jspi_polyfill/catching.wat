;; Waits inside a wasm try block (legacy exception handling, as emcc makes it by
;; default): a rejection must arrive there as an exception. Compiled by conftest.py
;; like stacks.wat; called by the scenario exceptions_caught_by_wasm.
(module
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (import "env" "call" (func $call (param i32) (result i32)))
  (memory (export "memory") 2)
  (func (export "caught") (param $x i32) (result i32)
    (try (result i32)
      (do (call $wait (local.get $x)))
      (catch_all (i32.const -1))))
  (func (export "caught_call") (param $x i32) (result i32)
    (try (result i32)
      (do (i32.add (call $call (local.get $x)) (i32.const 100)))
      (catch_all (i32.const -2)))))
