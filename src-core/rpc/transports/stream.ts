import { mostFrameBytes, mostMessageBytes } from "../limits.ts";
import { Unreadable } from "../read-message.ts";
import type { Transport } from "../transport.ts";
import { decodeFrame, decodeText, encodeFrame, encodeText, isFrame, mostEncodedFrameBytes } from "./encoding.ts";

/** What a Unix socket and a child's pipes have in common: a stream of bytes both ways. */
export interface StreamLike {
  write(bytes: Uint8Array): unknown;
  on(event: "data", listener: (bytes: Uint8Array) => void): unknown;
  on(event: "close" | "error", listener: () => void): unknown;
  destroy(): unknown;
}

const text = 0;
const frame = 1;
const headBytes = 5;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Each message as a byte for its sort (0 JSON, 1 frame), its length (32 bits, big-endian) and its bytes. One that is too long is passed
 * over without being kept, and the connection stays open; after an unknown sort byte the stream can't be read any further, and it ends.
 */
export function streamTransport(stream: StreamLike): Transport {
  let isClosed = false;
  const closeListeners: (() => void)[] = [];
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    stream.destroy();
    for (const listener of closeListeners) listener();
  };
  // A write to a closed peer is an error event; the close reports it.
  stream.on("error", close);
  stream.on("close", close);
  return {
    send: (message) => {
      const bytes = isFrame(message) ? encodeFrame(message) : encoder.encode(encodeText(message));
      if (isClosed) return;
      const whole = new Uint8Array(headBytes + bytes.length);
      whole[0] = isFrame(message) ? frame : text;
      new DataView(whole.buffer).setUint32(1, bytes.length);
      whole.set(bytes, headBytes);
      stream.write(whole);
    },
    onMessage: (listener) => {
      const take = messageReader(listener, close);
      stream.on("data", (bytes) => {
        if (!isClosed) take(bytes);
      });
    },
    onClose: (listener) => closeListeners.push(listener),
    close,
  };
}

/** Cuts what arrives into messages. */
function messageReader(listener: (value: unknown) => void, onLost: () => void): (bytes: Uint8Array) => void {
  let parts: Uint8Array[] = [];
  let kept = 0;
  /** Bytes of a message that is too long, still to be skipped. */
  let skipped = 0;
  return (arrived) => {
    let bytes = arrived;
    if (skipped > 0) {
      const passed = Math.min(skipped, bytes.length);
      skipped -= passed;
      bytes = bytes.subarray(passed);
    }
    parts.push(bytes);
    kept += bytes.length;
    // Joined only once the message is whole: a large one arrives in hundreds of pieces.
    while (kept >= headBytes) {
      const [first = new Uint8Array()] = parts;
      const head = first.length >= headBytes ? first : joined(parts);
      if (head !== first) parts = [head];
      const sort = head[0];
      const length = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(1);
      const unreadable = refusalOf(sort, length);
      if (unreadable !== undefined) {
        const rest = joined(parts).subarray(headBytes);
        listener(unreadable);
        if (unreadable.code === "rpc/malformed") return onLost();
        skipped = Math.max(0, length - rest.length);
        parts = [rest.subarray(Math.min(length, rest.length))];
        kept = parts[0]?.length ?? 0;
        continue;
      }
      if (kept < headBytes + length) return;
      const whole = joined(parts);
      const content = whole.subarray(headBytes, headBytes + length);
      parts = [whole.subarray(headBytes + length)];
      kept -= headBytes + length;
      listener(sort === frame ? decodeFrame(content) : decodedText(content));
    }
  };
}

function refusalOf(sort: number | undefined, length: number): Unreadable | undefined {
  if (sort !== text && sort !== frame)
    return new Unreadable("rpc/malformed", "The bytes are no messages of this wire.");
  const most = sort === frame ? mostEncodedFrameBytes : mostMessageBytes;
  if (length <= most) return undefined;
  const shown =
    sort === frame ? `A frame holds at most ${mostFrameBytes}` : `A message holds at most ${mostMessageBytes}`;
  return new Unreadable("rpc/too-large", `${shown} bytes.`);
}

function decodedText(content: Uint8Array): unknown {
  try {
    return decodeText(decoder.decode(content));
  } catch {
    return new Unreadable("rpc/malformed", "A message is not UTF-8.");
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
