;; Random indices for the bootstrap: the draws of drawIndex (src-core/foundation/compute/philox.ts), bit for bit, 16 at a time.
;;
;; A draw is a word of a Philox4x32-7 block, bounded to [0, n) as by Lemire. JavaScript has no 32 × 32 → 64 bit multiplication; a SIMD
;; lane has. Four blocks lie side by side: lane l of $x0 … $x3 holds words 0 … 3 of block 4g + l, so that the group g gives the draws
;; 16g … 16g + 15 in the order in which its words are stored.
;;
;; `node scripts/assemble-kernel.ts` makes draw-kernel.wasm of this file; a test compares the two.
(module
  (memory (export "memory") 1)

  ;; Writes 16 indices for each group from $out on. Where a word of a group was rejected, it also writes that group's address, from
  ;; $rejected on: the caller draws those words again. Returns how many groups that were. Uses 224 bytes from $keys on.
  (func (export "run")
    (param $out i32) (param $groups i32)
    (param $key0 i32) (param $key1 i32)   ;; seed and stream
    (param $block i32)                    ;; number of the first block: 4 · the first group
    (param $replicate i32)
    (param $n i32) (param $threshold i32) ;; the bound, and below which low word of word · n a word is rejected
    (param $rejected i32) (param $keys i32)
    (result i32)

    (local $rejectedGroups i32)
    (local $key i32) (local $keysEnd i32)

    ;; In all four lanes: the bounds, Philox's two multipliers, and a round's two keys.
    (local $bound v128) (local $least v128) (local $m0 v128) (local $m1 v128) (local $k0 v128) (local $k1 v128)
    ;; The first two counter words of the four blocks; the others are 0.
    (local $blocks v128) (local $replicates v128)
    ;; The state of the four blocks.
    (local $x0 v128) (local $x1 v128) (local $x2 v128) (local $x3 v128)
    ;; A product of four lanes comes as two halves of two 64-bit lanes, which are sorted into low and high words.
    (local $lower v128) (local $upper v128) (local $low0 v128) (local $high0 v128) (local $low1 v128) (local $high1 v128)
    ;; All ones in the lanes where a word of the group was rejected.
    (local $bad v128)

    (local.set $bound (i32x4.splat (local.get $n)))
    (local.set $least (i32x4.splat (local.get $threshold)))
    (local.set $m0 (v128.const i32x4 0xd2511f53 0xd2511f53 0xd2511f53 0xd2511f53))
    (local.set $m1 (v128.const i32x4 0xcd9e8d57 0xcd9e8d57 0xcd9e8d57 0xcd9e8d57))
    (local.set $blocks (i32x4.add (i32x4.splat (local.get $block)) (v128.const i32x4 0 1 2 3)))
    (local.set $replicates (i32x4.splat (local.get $replicate)))

    ;; The keys of all seven rounds are the same for every group. Kept in memory, they cost the rounds less than added up there.
    (local.set $k0 (i32x4.splat (local.get $key0)))
    (local.set $k1 (i32x4.splat (local.get $key1)))
    (local.set $key (local.get $keys))
    (local.set $keysEnd (i32.add (local.get $keys) (i32.const 224)))
    (loop $schedule
      (v128.store (local.get $key) (local.get $k0))
      (v128.store offset=16 (local.get $key) (local.get $k1))
      (local.set $k0 (i32x4.add (local.get $k0) (v128.const i32x4 0x9e3779b9 0x9e3779b9 0x9e3779b9 0x9e3779b9)))
      (local.set $k1 (i32x4.add (local.get $k1) (v128.const i32x4 0xbb67ae85 0xbb67ae85 0xbb67ae85 0xbb67ae85)))
      (local.set $key (i32.add (local.get $key) (i32.const 32)))
      (br_if $schedule (i32.ne (local.get $key) (local.get $keysEnd))))

    (loop $group
      (local.set $x0 (local.get $blocks))
      (local.set $x1 (local.get $replicates))
      (local.set $x2 (v128.const i32x4 0 0 0 0))
      (local.set $x3 (v128.const i32x4 0 0 0 0))

      (local.set $key (local.get $keys))
      (loop $round
        ;; x0 · m0
        (local.set $lower (i64x2.extmul_low_i32x4_u (local.get $x0) (local.get $m0)))
        (local.set $upper (i64x2.extmul_high_i32x4_u (local.get $x0) (local.get $m0)))
        (local.set $low0
          (i8x16.shuffle 0 1 2 3  8 9 10 11  16 17 18 19  24 25 26 27 (local.get $lower) (local.get $upper)))
        (local.set $high0
          (i8x16.shuffle 4 5 6 7  12 13 14 15  20 21 22 23  28 29 30 31 (local.get $lower) (local.get $upper)))
        ;; x2 · m1
        (local.set $lower (i64x2.extmul_low_i32x4_u (local.get $x2) (local.get $m1)))
        (local.set $upper (i64x2.extmul_high_i32x4_u (local.get $x2) (local.get $m1)))
        (local.set $low1
          (i8x16.shuffle 0 1 2 3  8 9 10 11  16 17 18 19  24 25 26 27 (local.get $lower) (local.get $upper)))
        (local.set $high1
          (i8x16.shuffle 4 5 6 7  12 13 14 15  20 21 22 23  28 29 30 31 (local.get $lower) (local.get $upper)))

        (local.set $x0 (v128.xor (v128.xor (local.get $high1) (local.get $x1)) (v128.load (local.get $key))))
        (local.set $x2 (v128.xor (v128.xor (local.get $high0) (local.get $x3)) (v128.load offset=16 (local.get $key))))
        (local.set $x1 (local.get $low1))
        (local.set $x3 (local.get $low0))

        (local.set $key (i32.add (local.get $key) (i32.const 32)))
        (br_if $round (i32.ne (local.get $key) (local.get $keysEnd))))

      ;; Each word times n: the high word is the index, the low one tells whether the word counts.
      (local.set $lower (i64x2.extmul_low_i32x4_u (local.get $x0) (local.get $bound)))
      (local.set $upper (i64x2.extmul_high_i32x4_u (local.get $x0) (local.get $bound)))
      (v128.store (local.get $out)
        (i8x16.shuffle 4 5 6 7  12 13 14 15  20 21 22 23  28 29 30 31 (local.get $lower) (local.get $upper)))
      (local.set $bad
        (i32x4.lt_u
          (i8x16.shuffle 0 1 2 3  8 9 10 11  16 17 18 19  24 25 26 27 (local.get $lower) (local.get $upper))
          (local.get $least)))

      (local.set $lower (i64x2.extmul_low_i32x4_u (local.get $x1) (local.get $bound)))
      (local.set $upper (i64x2.extmul_high_i32x4_u (local.get $x1) (local.get $bound)))
      (v128.store offset=16 (local.get $out)
        (i8x16.shuffle 4 5 6 7  12 13 14 15  20 21 22 23  28 29 30 31 (local.get $lower) (local.get $upper)))
      (local.set $bad
        (v128.or (local.get $bad)
          (i32x4.lt_u
            (i8x16.shuffle 0 1 2 3  8 9 10 11  16 17 18 19  24 25 26 27 (local.get $lower) (local.get $upper))
            (local.get $least))))

      (local.set $lower (i64x2.extmul_low_i32x4_u (local.get $x2) (local.get $bound)))
      (local.set $upper (i64x2.extmul_high_i32x4_u (local.get $x2) (local.get $bound)))
      (v128.store offset=32 (local.get $out)
        (i8x16.shuffle 4 5 6 7  12 13 14 15  20 21 22 23  28 29 30 31 (local.get $lower) (local.get $upper)))
      (local.set $bad
        (v128.or (local.get $bad)
          (i32x4.lt_u
            (i8x16.shuffle 0 1 2 3  8 9 10 11  16 17 18 19  24 25 26 27 (local.get $lower) (local.get $upper))
            (local.get $least))))

      (local.set $lower (i64x2.extmul_low_i32x4_u (local.get $x3) (local.get $bound)))
      (local.set $upper (i64x2.extmul_high_i32x4_u (local.get $x3) (local.get $bound)))
      (v128.store offset=48 (local.get $out)
        (i8x16.shuffle 4 5 6 7  12 13 14 15  20 21 22 23  28 29 30 31 (local.get $lower) (local.get $upper)))
      (local.set $bad
        (v128.or (local.get $bad)
          (i32x4.lt_u
            (i8x16.shuffle 0 1 2 3  8 9 10 11  16 17 18 19  24 25 26 27 (local.get $lower) (local.get $upper))
            (local.get $least))))

      (if (v128.any_true (local.get $bad))
        (then
          (i32.store
            (i32.add (local.get $rejected) (i32.shl (local.get $rejectedGroups) (i32.const 2)))
            (local.get $out))
          (local.set $rejectedGroups (i32.add (local.get $rejectedGroups) (i32.const 1)))))

      (local.set $out (i32.add (local.get $out) (i32.const 64)))
      (local.set $blocks (i32x4.add (local.get $blocks) (v128.const i32x4 4 4 4 4)))
      (br_if $group (local.tee $groups (i32.sub (local.get $groups) (i32.const 1)))))

    (local.get $rejectedGroups)))
