import * as z from "zod";

/** State of a job, on any executor. */
export const jobStates = [
  "queued",
  "starting",
  "running",
  "unreachable",
  "succeeded",
  "failed",
  "out_of_memory",
  "cancelled",
  "lost",
] as const;
export type JobState = (typeof jobStates)[number];

const time = z.number().describe("Milliseconds since 1970 UTC");

/** A line of events.jsonl that the trainer writes. */
export const trainerEventSchema = z.discriminatedUnion("type", [
  z.looseObject({
    type: z.literal("param"),
    time,
    key: z.string(),
    value: z.union([z.string(), z.number(), z.boolean(), z.null()]),
  }),
  z.looseObject({
    type: z.literal("metric"),
    time,
    key: z.string(),
    value: z.number(),
    step: z.number().int().default(0),
  }),
  z.looseObject({
    type: z.literal("progress"),
    time,
    done: z.number(),
    total: z.number().nullish(),
    unit: z.string().nullish(),
    stage: z.string().nullish(),
    message: z.string().nullish(),
  }),
  z.looseObject({ type: z.literal("phase"), time, name: z.string() }),
  z.looseObject({ type: z.literal("warning"), time, message: z.string() }),
  z.looseObject({
    type: z.literal("error"),
    time,
    code: z.string(),
    message: z.string(),
    hint: z.string().nullish(),
    /** Next steps, as in an error. Decoding the error skips anything that isn't a step. */
    next: z.array(z.unknown()).nullish(),
    details: z.record(z.string(), z.unknown()).nullish(),
  }),
  z.looseObject({ type: z.literal("result"), time }),
]);
export type TrainerEvent = z.output<typeof trainerEventSchema>;
