import { readResource } from "../files/resources.ts";

/**
 * `drawIndex` for many draws at once, four Philox blocks side by side in SIMD lanes. JavaScript has no 32 × 32 → 64 bit
 * multiplication, which makes the same generator about eight times slower there. Its source is resources/draw-kernel.wat.
 */
export interface DrawKernel {
  /** Where `run` puts the indices. */
  readonly indices: Int32Array;
  /** Groups (of 16 draws) in which a word was rejected, as `run` left them. */
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

/** Offsets in the kernel's memory, in bytes: the indices come first, then the rejected groups' addresses, then its round keys. */
const rejectedOffset = chunkDraws * 4;
const keysOffset = rejectedOffset + (chunkDraws / 16) * 4;

/** The part of WebAssembly used here; its types come with the browser's library, which this zone doesn't load. */
interface WasmRuntime {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: KernelExports };
}

interface KernelExports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: (...parameters: readonly number[]) => number;
}

let compiled: object | undefined;

/** A kernel with its own memory; one per thread is enough. */
export function makeDrawKernel(): DrawKernel {
  // Present in every Node; the cast names the part of it declared above.
  const runtime = Reflect.get(globalThis, "WebAssembly") as WasmRuntime;
  compiled ??= new runtime.Module(readResource("draw-kernel.wasm"));
  const { memory, run } = new runtime.Instance(compiled).exports;
  const indices = new Int32Array(memory.buffer, 0, chunkDraws);
  const rejectedAt = new Int32Array(memory.buffer, rejectedOffset, chunkDraws / 16);
  const rejectedGroups = new Int32Array(chunkDraws / 16);
  return {
    indices,
    rejectedGroups,
    run: ({ groups, firstGroup, seed, stream, replicate, n, threshold }) => {
      const block = firstGroup * 4;
      const count = run(0, groups, seed, stream, block, replicate, n, threshold, rejectedOffset, keysOffset);
      for (let i = 0; i < count; i++) rejectedGroups[i] = (rejectedAt[i] ?? 0) >>> 6;
      return count;
    },
  };
}
