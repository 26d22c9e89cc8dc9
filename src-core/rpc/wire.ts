import { z } from "zod";
import type { Progress } from "../contract/operation.ts";
import { progressShape } from "../contract/progress.ts";

/** The four kinds of message between a face and the core, over any transport. `id` is the caller's number for one call. */
export type Message =
  | { readonly kind: "request"; readonly id: number; readonly operation: string; readonly input: unknown }
  | { readonly kind: "cancel"; readonly id: number }
  | { readonly kind: "event"; readonly id: number; readonly progress: Progress }
  | { readonly kind: "response"; readonly id: number; readonly result: unknown }
  | { readonly kind: "response"; readonly id: number; readonly error: unknown };

const id = z.int().nonnegative();
const progress = z.object(progressShape);

const messageSchema = z.union([
  z.object({ kind: z.literal("request"), id, operation: z.string(), input: z.unknown() }),
  z.object({ kind: z.literal("cancel"), id }),
  z.object({ kind: z.literal("event"), id, progress }),
  z.object({ kind: z.literal("response"), id, error: z.unknown().refine((value) => value !== undefined) }),
  z.object({ kind: z.literal("response"), id, result: z.unknown() }),
]);

/** A message as it came off a transport; undefined if it is none of ours (a hostile or foreign sender). */
export function parseMessage(value: unknown): Message | undefined {
  const parsed = messageSchema.safeParse(value);
  return parsed.success ? (parsed.data as Message) : undefined;
}
