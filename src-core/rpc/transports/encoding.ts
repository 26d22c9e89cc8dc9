import { AppError } from "../../contract/errors.ts";
import { mostFrameBytes, mostMessageBytes } from "../limits.ts";
import { isTextLargerThan } from "../message-size.ts";
import { Unreadable } from "../read-message.ts";
import type { Frame, Message } from "../wire.ts";

/** Messages as bytes, for transports that carry nothing else: JSON, and frames as the call's number (32 bits, big-endian) before their bytes. */

export function isFrame(message: Message): message is Frame {
  return message.kind === "frame";
}

/** @throws rpc/too-large */
export function encodeText(message: Exclude<Message, Frame>): string {
  const text = JSON.stringify(message);
  if (isTextLargerThan(text, mostMessageBytes)) throw tooLarge(`a ${message.kind}`, mostMessageBytes);
  return text;
}

export function decodeText(text: string): unknown {
  if (isTextLargerThan(text, mostMessageBytes))
    return new Unreadable("rpc/too-large", `A message holds at most ${mostMessageBytes} bytes.`);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return new Unreadable("rpc/malformed", "A message is not JSON.");
  }
}

const headBytes = 4;
/** Of a frame with its head. */
export const mostEncodedFrameBytes: number = mostFrameBytes + headBytes;

/** @throws rpc/too-large */
export function encodeFrame({ id, bytes }: Frame): Uint8Array<ArrayBuffer> {
  if (bytes.length > mostFrameBytes) throw tooLarge("a frame", mostFrameBytes);
  const encoded = new Uint8Array(headBytes + bytes.length);
  new DataView(encoded.buffer).setUint32(0, id);
  encoded.set(bytes, headBytes);
  return encoded;
}

export function decodeFrame(encoded: Uint8Array): Frame | Unreadable {
  if (encoded.length < headBytes) return new Unreadable("rpc/malformed", "A frame begins with the number of its call.");
  const id = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength).getUint32(0);
  if (encoded.length > mostEncodedFrameBytes)
    return new Unreadable("rpc/too-large", `A frame holds at most ${mostFrameBytes} bytes.`, id);
  return { kind: "frame", id, bytes: encoded.slice(headBytes) };
}

function tooLarge(what: string, mostBytes: number): AppError {
  return new AppError({
    code: "rpc/too-large",
    message: `${what} of more than ${mostBytes} bytes can't be sent in one message.`,
    hint: "Ask for less at once.",
    details: { mostBytes },
  });
}
