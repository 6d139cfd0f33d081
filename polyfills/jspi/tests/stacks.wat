;; The module whose stacks the JSPI tests suspend: every import whose name begins
;; with "wait" is a Suspending one, every other is a plain JavaScript function.
;; Compiled by conftest.py, once as it is (for the engine's own JSPI) and once
;; through Binaryen's Asyncify (for the polyfill); scenarios.mjs calls it.
(module
  (type $unary (func (param i32) (result i32)))
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (import "env" "wait64" (func $wait64 (param i64) (result i64)))
  (import "env" "wait_float" (func $wait_float (param f64) (result f64)))
  (import "env" "wait32" (func $wait32 (param f32) (result f32)))
  (import "env" "wait_nothing" (func $wait_nothing))
  (import "env" "call" (func $call (param i32) (result i32)))
  (import "env" "note" (func $note (param i32)))
  (memory (export "memory") 2)
  (table (export "table") 4 funcref)
  (elem (i32.const 0) $wait $call $once)
  (global $free (mut i32) (i32.const 1024))

  ;; A bump allocator: 0 when the memory may not grow any more.
  (func (export "alloc") (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (global.get $free))
    (global.set $free
      (i32.and (i32.add (i32.add (local.get $at) (local.get $size)) (i32.const 15)) (i32.const -16)))
    (block $fits
      (loop $again
        (br_if $fits (i32.le_u (global.get $free) (i32.mul (memory.size) (i32.const 65536))))
        (br_if $again (i32.ne (memory.grow (i32.const 1)) (i32.const -1)))
        (global.set $free (local.get $at))
        (return (i32.const 0))))
    (local.get $at))

  ;; A reference, in a function that never waits.
  (func (export "echo") (param externref) (result externref) (local.get 0))
  (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))

  ;; note(x), wait(x), note(-x): what wait gave.
  (func $once (export "once") (param $x i32) (result i32)
    (local $r i32)
    (call $note (local.get $x))
    (local.set $r (call $wait (local.get $x)))
    (call $note (i32.sub (i32.const 0) (local.get $x)))
    (local.get $r))
  ;; Waits for 1..n one after another: the sum.
  (func $total (export "total") (param $n i32) (result i32)
    (local $i i32) (local $sum i32)
    (loop $again
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (local.set $sum (i32.add (local.get $sum) (call $wait (local.get $i))))
      (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
    (local.get $sum))
  ;; once(x), then once(x + 1): the sum.
  (func (export "twice") (param $x i32) (result i32)
    (i32.add (call $once (local.get $x)) (call $once (i32.add (local.get $x) (i32.const 1)))))
  ;; Live parameters and locals of every type, waits in a branch and in a loop.
  (func (export "mixed") (param $a i32) (param $b i64) (param $c f64) (param $d f32) (result f64)
    (local $i i32) (local $e i64) (local $f f64)
    (local.set $e (i64.mul (local.get $b) (i64.const 3)))
    (if (i32.gt_s (local.get $a) (i32.const 1)) (then (local.set $i (call $wait (i32.const 1)))))
    (loop $again
      (local.set $f (f64.add (local.get $f) (f64.convert_i32_s (call $wait (local.get $i)))))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $again (i32.lt_s (local.get $i) (i32.const 5))))
    (f64.add
      (f64.add (f64.convert_i64_s (i64.sub (local.get $e) (local.get $b))) (local.get $c))
      (f64.add (f64.add (f64.promote_f32 (local.get $d)) (local.get $f)) (f64.convert_i32_s (local.get $a)))))
  (export "the_import" (func $wait))
  ;; n frames with live locals of every type, then wait(n): n(n+1)/2 + what it gave.
  (func $deep (export "deep") (param $n i32) (result i32)
    (local $a i64) (local $b f64) (local $r i32)
    (if (result i32) (i32.eqz (local.get $n))
      (then (call $wait (i32.const 0)))
      (else
        (local.set $a (i64.extend_i32_s (local.get $n)))
        (local.set $b (f64.convert_i32_s (local.get $n)))
        (local.set $r (call $deep (i32.sub (local.get $n) (i32.const 1))))
        (if (i64.ne (local.get $a) (i64.trunc_f64_s (local.get $b))) (then (unreachable)))
        (i32.add (local.get $r) (i32.wrap_i64 (local.get $a))))))

  (func (export "i64") (param i64) (result i64) (i64.add (call $wait64 (local.get 0)) (i64.const 1)))
  (func (export "f64") (param f64) (result f64) (f64.mul (call $wait_float (local.get 0)) (f64.const 2)))
  (func (export "f32") (param f32) (result f32) (f32.add (call $wait32 (local.get 0)) (f32.const 1)))
  (func (export "nothing") (call $wait_nothing))

  ;; Waits only if the word at address 16 is 0.
  (func $maybe (export "maybe")
    (if (i32.eqz (i32.load (i32.const 16))) (then (drop (call $wait (i32.const 1))))))

  ;; Calls the table's entry: 0 the Suspending import itself, 1 a JavaScript frame, 2 $once.
  (func (export "indirect") (param $which i32) (param $x i32) (result i32)
    (i32.add (call_indirect (type $unary) (local.get $x) (local.get $which)) (i32.const 1000)))
  ;; Calls JavaScript, which may do what it likes; then waits itself.
  (func (export "through_js") (param $x i32) (result i32)
    (i32.add (call $call (local.get $x)) (call $wait (local.get $x))))

  (func (export "trap") (param i32) (result i32) (unreachable))
  (func (export "trap_after") (param i32) (result i32) (drop (call $wait (local.get 0))) (unreachable))
  (func (export "overflow") (result i32) (call $endless (i32.const 0)))
  (func $endless (param i32) (result i32)
    (i32.add (call $endless (i32.add (local.get 0) (i32.const 1))) (i32.const 1)))
  ;; Grows the memory, waits, and reads back what it wrote into the new page.
  (func (export "grow_and_wait") (param $x i32) (result i32)
    (local $at i32)
    (local.set $at (i32.mul (memory.grow (i32.const 1)) (i32.const 65536)))
    (global.set $free (i32.add (local.get $at) (i32.const 65536)))
    (i32.store (local.get $at) (local.get $x))
    (drop (call $wait (local.get $x)))
    (i32.load (local.get $at)))
)
