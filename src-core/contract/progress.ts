import * as z from "zod";

/** Schema of a progress event (`Progress`) that is read from a transport or a file. */
export const progressShape = {
  stage: z.string().optional(),
  done: z.number().optional(),
  total: z.number().optional(),
  unit: z.string().optional(),
  message: z.string().optional(),
  state: z.enum(["started", "finished", "skipped", "failed"]).optional(),
  outcome: z.enum(["succeeded", "failed", "skipped"]).optional(),
  elapsedMs: z.number().optional(),
} as const;
