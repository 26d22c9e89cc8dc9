/** What every host of contract and rpc has (Node, Electron's renderer, a browser), and nothing that only one of them has. */

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: "abort", listener: () => void, options?: { readonly once?: boolean }): void;
  removeEventListener(type: "abort", listener: () => void): void;
}

declare class AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

declare function queueMicrotask(callback: () => void): void;

/** A handle that only `clearTimeout` takes: what it is differs between hosts. */
interface TimeoutHandle {
  readonly timeoutHandle?: never;
}
declare function setTimeout(callback: () => void, ms: number): TimeoutHandle;
declare function clearTimeout(handle: TimeoutHandle | undefined): void;

declare class TextEncoder {
  encode(text: string): Uint8Array;
}
declare class TextDecoder {
  constructor(label?: string, options?: { readonly fatal?: boolean });
  decode(bytes: Uint8Array): string;
}
