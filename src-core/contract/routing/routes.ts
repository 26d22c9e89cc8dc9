import * as z from "zod";

/** Where a run of a plan was routed. Separate from the schemas of plans, because every command that shows a run reads it. */

export const routeSchema = z.enum([
  "ROUTE_CROSS_SECTIONAL",
  "ROUTE_SYMBOL_SPECIFIC",
  "ROUTE_BOTH",
  "ROUTE_EXPERIMENTAL_ONLY",
  "ROUTE_BLOCKED",
]);
export type Route = z.output<typeof routeSchema>;

export const trainingTypeSchema = z.enum(["cross_sectional", "symbol_specific", "ensemble"]);
export type TrainingType = z.output<typeof trainingTypeSchema>;
