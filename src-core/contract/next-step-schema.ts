import * as z from "zod";
import type { NextStep } from "./next-step.ts";

/** A step in a result. Its operation is a plain string, because the schemas of the operations contain this one. */
export const nextStepSchema: z.ZodType<NextStep> = z.union([
  z.object({ program: z.string(), argv: z.array(z.string()), why: z.string() }),
  z.object({
    operation: z.string(),
    input: z.record(z.string(), z.unknown()),
    asks: z.array(z.string()).exactOptional(),
    why: z.string(),
    answers: z.enum(["instead", "first"]).exactOptional(),
  }),
]);
