import * as z from "zod";
import { operation } from "./operation.ts";
import { testMetricSchema } from "./runs.ts";

export const evaluationOperations = {
  "evaluation.metrics": operation({
    summary: "Show the metrics of a run, with intervals, directions and units",
    input: z.object({
      run: z.string().default("latest").describe("Run id, its beginning, `#<number>` or `latest`"),
      test: z.string().optional().describe("Test to show: reference, or the name of an optional test"),
      history: z.boolean().default(false).describe("Show the training metrics by step instead"),
    }),
    output: z.object({
      runId: z.string(),
      rows: z.array(
        testMetricSchema.extend({
          direction: z.enum(["higher", "lower"]).nullable(),
          unit: z.string().nullable(),
        }),
      ),
      history: z.array(z.object({ metric: z.string(), step: z.number(), value: z.number() })),
    }),
    errors: ["runs/not-found"],
    provides: ["runs"],
    isLong: false,
    needsProject: true,
    cli: {
      path: "metrics show",
      group: "runs",
      positionals: ["run"],
      examples: ["signalbox metrics show latest --test reference"],
    },
  }),
} as const;
