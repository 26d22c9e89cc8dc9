import type { ErrorCode } from "../contract/errors.ts";
import { mostFrameBytes, mostMessageBytes } from "./limits.ts";
import { isLargerThan } from "./message-size.ts";
import type { CoreMessage, FaceMessage } from "./wire.ts";

/** A guard of the envelope, written by hand: faces load no schema library, and what an input holds is the core's to judge. */

/** Why a message isn't taken. A transport hands it out for bytes that are none; nothing that arrives can be one. */
export class Unreadable {
  readonly code: ErrorCode;
  readonly reason: string;
  /** The call that it belongs to, if that is known. */
  readonly id: number | null;

  constructor(code: ErrorCode, reason: string, id: number | null = null) {
    this.code = code;
    this.reason = reason;
    this.id = id;
  }
}

type Check = (value: unknown) => boolean;
type Shape = Readonly<Record<string, Check>>;

const isText: Check = (value) => typeof value === "string";
const isCount: Check = (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
const isObject: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts: Check = (value) => Array.isArray(value) && value.every(isText);
const isAnything: Check = () => true;
const isBytes: Check = (value) => value instanceof Uint8Array;
const orAbsent =
  (check: Check): Check =>
  (value) =>
    value === undefined || check(value);
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
const isPosition: Check = (value) => fits(value, { epoch: isText, seq: isCount });

function fits(value: unknown, shape: Shape): boolean {
  return (
    isObject(value) && Object.entries(shape).every(([key, check]) => check((value as Record<string, unknown>)[key]))
  );
}

const hello: Shape = { protocol: isCount, build: isText };
const frame: Shape = { id: isCount, bytes: isBytes };

const fromFace: Readonly<Record<FaceMessage["kind"], Shape>> = {
  hello,
  frame,
  request: { id: isCount, project: isText, operation: isText, input: isAnything, isDetached: orAbsent(isFlag) },
  follow: { id: isCount, project: isText, operation: isText, after: isCount },
  cancel: { id: isCount },
  answer: { id: isCount, prompt: isCount, value: orNull(isText) },
  subscribe: {
    id: isCount,
    project: isText,
    subjects: orAbsent(isTexts),
    since: orAbsent(isPosition),
    intervalMs: orAbsent(isCount),
  },
  unsubscribe: { id: isCount },
};

const fromCore: Readonly<Record<CoreMessage["kind"], Shape>> = {
  hello,
  frame,
  accepted: { id: isCount, operation: isText },
  progress: { id: isCount, operation: orAbsent(isText), progress: isObject },
  prompt: { id: isCount, prompt: isCount, question: isObject },
  response: { id: isCount },
  event: { id: isCount, event: isObject },
  refusal: { id: orNull(isCount), error: isObject },
};

function isFlag(value: unknown): boolean {
  return typeof value === "boolean";
}

/** What a face sent, or why it isn't taken. */
export function readFaceMessage(value: unknown): FaceMessage | Unreadable {
  const read = readMessage(value, fromFace);
  // The shape of its kind was checked.
  return read instanceof Unreadable ? read : (read as unknown as FaceMessage);
}

/** What the core sent. A response needs a result or an error: neither is a message of ours. */
export function readCoreMessage(value: unknown): CoreMessage | Unreadable {
  const read = readMessage(value, fromCore);
  if (read instanceof Unreadable) return read;
  if (read.kind === "response" && !isObject(read.error) && !isCount(read.exitCode))
    return new Unreadable("rpc/malformed", "A response needs a result with its exit code, or an error.", idOf(read));
  return read as unknown as CoreMessage;
}

interface Tagged {
  readonly kind: string;
  readonly [key: string]: unknown;
}

function readMessage(value: unknown, shapes: Readonly<Record<string, Shape>>): Tagged | Unreadable {
  if (value instanceof Unreadable) return value;
  if (!isObject(value)) return new Unreadable("rpc/malformed", "A message is an object with a kind.");
  const tagged = value as Tagged;
  const { kind } = tagged;
  const id = idOf(tagged);
  if (typeof kind !== "string") return new Unreadable("rpc/malformed", "A message is an object with a kind.", id);
  const shape = Object.hasOwn(shapes, kind) ? shapes[kind] : undefined;
  if (shape === undefined)
    return new Unreadable("rpc/unknown-message", `There is no message of kind '${kind.slice(0, 40)}'.`, id);
  const wrong = Object.entries(shape).find(([key, check]) => !check(tagged[key]));
  if (wrong !== undefined) return new Unreadable("rpc/malformed", `A ${kind} message has a wrong '${wrong[0]}'.`, id);
  if (tagged.bytes instanceof Uint8Array) {
    if (tagged.bytes.length > mostFrameBytes)
      return new Unreadable("rpc/too-large", `A frame holds at most ${mostFrameBytes} bytes.`, id);
  } else if (kind === "request" && isLargerThan(tagged.input, mostMessageBytes))
    return new Unreadable("rpc/too-large", `A message holds at most ${mostMessageBytes} bytes.`, id);
  return tagged;
}

function idOf({ id }: Tagged): number | null {
  return isCount(id) ? (id as number) : null;
}
