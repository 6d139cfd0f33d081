;; One function as Asyncify leaves it before its last optimisations, shortened: state, frames and
;; the import that waits are globals and a function of the test. `rewind` puts the state to 2.
;; Used by test_fast_copies.py.
(module
  (import "env" "wait" (func $wait (param i32) (result i32)))
  (import "env" "memory" (memory 1))
  (import "env" "limit" (global i32))
  (global $state (mut i32) (i32.const 0))
  (global $frame (mut i32) (i32.const 0))
  (table 1 funcref)
  (func $add (param $a i32) (param $b i64) (result i32)
    (local $index i32) (local $got i32)
    (if (i32.eq (global.get $state) (i32.const 2)) (then
      (local.set $a (global.get $frame))))
    (if (i32.eqz (global.get $state)) (then
      (local.set $a (i32.add (local.get $a) (i32.const 100)))))
    (if (select (i32.const 1) (i32.eqz (local.get $index)) (i32.eqz (global.get $state))) (then
      (local.set $got (call $wait (local.get $a)))
      (if (i32.eq (global.get $state) (i32.const 1)) (then
        (global.set $frame (local.get $a))
        (return (i32.const 0))))))
    (if (i32.eqz (global.get $state)) (then
      (local.set $a (i32.add (local.get $a) (local.get $got)))))
    (local.get $a))
  (func $pure (param i32) (result i32)
    (block (block (br_table 0 1 0 (local.get 0))) (drop (i32.trunc_sat_f64_s (f64.const 1))))
    (i64.store16 offset=300 (i32.const 0) (i64.const -1)) (memory.fill (i32.const 0) (i32.const 0)
      (i32.const 8)) (drop (f32.const 2)) (drop (ref.null func)) (drop (call_indirect (type 0)
      (local.get 0) (i32.const 0))) (local.get 0))
  (func (export "asyncify_get_state") (result i32) (global.get $state))
  (func (export "set_state") (param i32) (global.set $state (local.get 0)))
  (export "add" (func $add))
  (export "pure" (func $pure)))
