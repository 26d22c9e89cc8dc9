import { keyStep0, keyStep1, multiplier0, multiplier1, rounds } from "./philox.ts";
import { type Code, moduleBytes, wasm } from "./wasm-bytes.ts";

/**
 * `drawIndex` for many draws at once, four Philox blocks side by side in SIMD lanes. JavaScript has no 32 × 32 → 64 bit
 * multiplication, which makes the same generator about eight times slower there.
 */
export interface DrawKernel {
  /** Where `run` leaves the indices. */
  readonly indices: Int32Array;
  /** Groups (of 16 draws) in which a word was rejected, as left by `run`. */
  readonly rejectedGroups: Int32Array;
  /** Fills the first 16 · groups indices; returns how many groups hold a rejected word. */
  readonly run: (request: KernelRequest) => number;
}

export interface KernelRequest {
  readonly groups: number;
  readonly firstGroup: number;
  readonly seed: number;
  readonly stream: number;
  readonly replicate: number;
  readonly n: number;
  readonly threshold: number;
}

/** Draws per call: their indices (8 KiB) stay in the first-level cache. */
export const chunkDraws = 2_048;
const rejectedOffset = chunkDraws * 4;

const parameter = { out: 0, groups: 1, key0: 2, key1: 3, block: 4, replicate: 5, n: 6, threshold: 7, rejected: 8 };
const parameters = Object.keys(parameter).length;
const rejectedCount = parameters;

function kernelBody(): { readonly body: Code; readonly vectorLocals: number } {
  const { get, set } = wasm;
  const firstVector = parameters + 1;
  let next = firstVector;
  const local = () => next++;
  const state = [local(), local(), local(), local()] as const;
  const [x0, x1, x2, x3] = state;
  const [lower, upper, low0, high0, low1, high1] = [local(), local(), local(), local(), local(), local()];
  const [blocks, replicate, n, threshold, bad, m0, m1] = [
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
    local(),
  ];
  const keys = Array.from({ length: rounds }, () => [local(), local()] as const);

  const same = (word: number) => wasm.vectorConst([word, word, word, word]);
  const splatOf = (from: number, to: number): Code => [...get(from), ...wasm.splat, ...set(to)];
  const multiply = (from: number, by: number, to: { readonly low: number; readonly high: number }): Code => [
    ...[...get(from), ...get(by), ...wasm.multiplyLower, ...set(lower)],
    ...[...get(from), ...get(by), ...wasm.multiplyUpper, ...set(upper)],
    ...[...get(lower), ...get(upper), ...wasm.evenWords, ...set(to.low)],
    ...[...get(lower), ...get(upper), ...wasm.oddWords, ...set(to.high)],
  ];
  const xorOf = (a: number, b: number, c: number): Code => [
    ...[...get(a), ...get(b), ...wasm.vectorXor],
    ...[...get(c), ...wasm.vectorXor],
  ];
  const key = (from: number, step: number, round: number): Code => [
    ...[...get(from), ...wasm.i32Const(Math.imul(round, step)), ...wasm.i32Add, ...wasm.splat],
  ];

  const setUp: Code = [
    ...splatOf(parameter.n, n),
    ...splatOf(parameter.threshold, threshold),
    ...splatOf(parameter.replicate, replicate),
    ...[...same(multiplier0), ...set(m0), ...same(multiplier1), ...set(m1)],
    ...[...get(parameter.block), ...wasm.splat, ...wasm.vectorConst([0, 1, 2, 3]), ...wasm.vectorAdd, ...set(blocks)],
    ...keys.flatMap(([a, b], round) => [
      ...[...key(parameter.key0, keyStep0, round), ...set(a)],
      ...[...key(parameter.key1, keyStep1, round), ...set(b)],
    ]),
  ];
  const counter: Code = [
    ...[...get(blocks), ...set(x0), ...get(replicate), ...set(x1)],
    ...[...same(0), ...set(x2), ...same(0), ...set(x3)],
  ];
  const cipher: Code = keys.flatMap(([a, b]) => [
    ...multiply(x0, m0, { low: low0, high: high0 }),
    ...multiply(x2, m1, { low: low1, high: high1 }),
    ...[...xorOf(high1, x1, a), ...set(x0), ...xorOf(high0, x3, b), ...set(x2)],
    ...[...get(low1), ...set(x1), ...get(low0), ...set(x3)],
  ]);
  const bounded: Code = state.flatMap((word, index) => [
    ...multiply(word, n, { low: low0, high: high0 }),
    ...[...get(parameter.out), ...get(high0), ...wasm.vectorStore(16 * index)],
    ...[...get(low0), ...get(threshold), ...wasm.lessThanUnsigned],
    ...[...(index === 0 ? [] : [...get(bad), ...wasm.vectorOr]), ...set(bad)],
  ]);
  const noteRejection: Code = [
    ...[...get(bad), ...wasm.anyTrue, ...wasm.ifThen],
    ...[...get(parameter.rejected), ...get(rejectedCount), ...wasm.i32Const(2), ...wasm.i32ShiftLeft, ...wasm.i32Add],
    ...[...get(parameter.out), ...wasm.i32Store],
    ...[...get(rejectedCount), ...wasm.i32Const(1), ...wasm.i32Add, ...set(rejectedCount), ...wasm.end],
  ];
  const advance: Code = [
    ...[...get(parameter.out), ...wasm.i32Const(64), ...wasm.i32Add, ...set(parameter.out)],
    ...[...get(blocks), ...same(4), ...wasm.vectorAdd, ...set(blocks)],
    ...[
      ...get(parameter.groups),
      ...wasm.i32Const(-1),
      ...wasm.i32Add,
      ...wasm.tee(parameter.groups),
      ...wasm.branchIf(0),
    ],
  ];
  const body = [
    ...[...setUp, ...wasm.loop, ...counter, ...cipher, ...bounded, ...noteRejection, ...advance, ...wasm.end],
    ...get(rejectedCount),
  ];
  return { body, vectorLocals: next - firstVector };
}

/** What is used of WebAssembly; its types come with the browser's library, which this zone doesn't load. */
interface WasmRuntime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: KernelExports };
}

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: (...parameters: readonly number[]) => number;
}

let compiled: object | undefined;

/** A kernel of its own memory; one per thread is enough. */
export function makeDrawKernel(): DrawKernel {
  // Present in every Node; the cast names the part of it declared above.
  const runtime = Reflect.get(globalThis, "WebAssembly") as WasmRuntime;
  compiled ??= new runtime.Module(moduleBytes({ parameters, i32Locals: 1, ...kernelBody() }));
  const { memory, run } = new runtime.Instance(compiled).exports;
  const indices = new Int32Array(memory.buffer, 0, chunkDraws);
  const rejectedAt = new Int32Array(memory.buffer, rejectedOffset, chunkDraws / 16);
  const rejectedGroups = new Int32Array(chunkDraws / 16);
  return {
    indices,
    rejectedGroups,
    run: (it) => {
      const block = it.firstGroup * 4;
      const count = run(0, it.groups, it.seed, it.stream, block, it.replicate, it.n, it.threshold, rejectedOffset);
      for (let i = 0; i < count; i++) rejectedGroups[i] = (rejectedAt[i] ?? 0) >>> 6;
      return count;
    },
  };
}
