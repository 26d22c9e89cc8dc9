/** The few WebAssembly instructions that the draw kernel is written in, as bytes (WebAssembly 2.0 with fixed-width SIMD). */
export type Code = readonly number[];

function unsigned(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  do {
    const low = rest & 0x7f;
    rest >>>= 7;
    bytes.push(rest === 0 ? low : low | 0x80);
  } while (rest !== 0);
  return bytes;
}

function signed(value: number): number[] {
  const bytes: number[] = [];
  for (let rest = value | 0; ; ) {
    const low = rest & 0x7f;
    rest >>= 7;
    const isLast = (rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0);
    bytes.push(isLast ? low : low | 0x80);
    if (isLast) return bytes;
  }
}

const simd = (opcode: number, ...immediate: number[]): Code => [0xfd, ...unsigned(opcode), ...immediate];
const shuffleWords = (words: readonly number[]) =>
  simd(13, ...words.flatMap((w) => [4 * w, 4 * w + 1, 4 * w + 2, 4 * w + 3]));

export const wasm = {
  get: (local: number): Code => [0x20, ...unsigned(local)],
  set: (local: number): Code => [0x21, ...unsigned(local)],
  tee: (local: number): Code => [0x22, ...unsigned(local)],
  i32Const: (value: number): Code => [0x41, ...signed(value)],
  i32Add: [0x6a] as Code,
  i32ShiftLeft: [0x74] as Code,
  i32Store: [0x36, 2, 0] as Code,
  loop: [0x03, 0x40] as Code,
  ifThen: [0x04, 0x40] as Code,
  end: [0x0b] as Code,
  branchIf: (depth: number): Code => [0x0d, ...unsigned(depth)],
  splat: simd(17),
  vectorStore: (offset: number): Code => simd(11, 4, ...unsigned(offset)),
  vectorConst: (words: readonly number[]): Code => simd(12, ...new Uint8Array(new Uint32Array(words).buffer)),
  vectorAdd: simd(174),
  vectorXor: simd(81),
  vectorOr: simd(80),
  anyTrue: simd(83),
  lessThanUnsigned: simd(58),
  /** Products of the lower (upper) two 32-bit lanes as two 64-bit lanes. */
  multiplyLower: simd(222),
  multiplyUpper: simd(223),
  /** Low (high) words of the four 64-bit lanes of two vectors. */
  evenWords: shuffleWords([0, 2, 4, 6]),
  oddWords: shuffleWords([1, 3, 5, 7]),
} as const;

const i32 = 0x7f;
const v128 = 0x7b;

export interface KernelShape {
  /** i32 parameters of the one exported function `run`, which returns an i32. */
  readonly parameters: number;
  readonly i32Locals: number;
  readonly vectorLocals: number;
  readonly body: Code;
}

/** A module with one page of exported memory (`memory`) and one exported function (`run`). */
export function moduleBytes(shape: KernelShape): Uint8Array<ArrayBuffer> {
  const section = (id: number, content: Code) => [id, ...unsigned(content.length), ...content];
  const name = (text: string) => [text.length, ...new TextEncoder().encode(text)];
  const code = [
    2,
    ...unsigned(shape.i32Locals),
    i32,
    ...unsigned(shape.vectorLocals),
    v128,
    ...shape.body,
    ...wasm.end,
  ];
  return new Uint8Array([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [1, 0x60, shape.parameters, ...Array<number>(shape.parameters).fill(i32), 1, i32]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, 1]),
    ...section(7, [2, ...name("memory"), 2, 0, ...name("run"), 0, 0]),
    ...section(10, [1, ...unsigned(code.length), ...code]),
  ]);
}
