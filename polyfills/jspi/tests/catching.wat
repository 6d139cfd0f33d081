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
  (tag $tag (export "tag") (param i32))
  ;; Waits, then throws what it gave.
  (func $throw_after (export "throw_after") (param $x i32)
    (throw $tag (call $wait (local.get $x))))
  (func $catch_after (export "catch_after") (param $x i32) (result i32)
    (try (result i32)
      (do (call $throw_after (local.get $x)) (i32.const -1))
      (catch $tag (i32.const 1000) (i32.add))))
  ;; Two handlers: the inner one throws on.
  (func (export "rethrow_after") (param $x i32) (result i32)
    (try (result i32)
      (do
        (try
          (do (call $throw_after (local.get $x)))
          (catch_all (rethrow 0)))
        (i32.const -1))
      (catch $tag (i32.const 2000) (i32.add))))
  (func (export "trap_after") (param $x i32) (result i32)
    (try (result i32)
      (do (drop (call $wait (local.get $x))) (unreachable))
      (catch_all (i32.const -3))))
  ;; Waits again, outside of the handler, until no exception comes.
  (func (export "retry") (param $x i32) (result i32)
    (local $got i32)
    (loop $again
      (local.set $got (i32.const -1))
      (try
        (do (local.set $got (call $wait (local.get $x))))
        (catch_all))
      (local.set $x (i32.add (local.get $x) (i32.const 10)))
      (br_if $again (i32.eq (local.get $got) (i32.const -1))))
    (local.get $got))
  (func (export "caught_call") (param $x i32) (result i32)
    (try (result i32)
      (do (i32.add (call $call (local.get $x)) (i32.const 100)))
      (catch_all (i32.const -2)))))
