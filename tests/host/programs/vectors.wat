;; Vectors and atomics whose immediates all have the number 11, which is `end` where an instruction
;; may begin. Used by test_fast_copies.py.
(module (memory 1) (func (export "f") (param $at i32) (result i32)
  (v128.store offset=300 (local.get $at) (v128.const i32x4 11 11 11 11))
  (drop (i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15
    (v128.load (local.get $at)) (v128.load32_zero (local.get $at))))
  (drop (v128.load8_lane offset=200 3 (local.get $at) (i32x4.splat (local.get $at))))
  (drop (i8x16.replace_lane 11 (i8x16.splat (local.get $at)) (local.get $at)))
  (i32.atomic.rmw.add offset=128 (local.get $at) (i32.const 11))
  drop
  (atomic.fence)
  (i8x16.bitmask (i8x16.eq (v128.load (local.get $at)) (v128.load (local.get $at))))))
