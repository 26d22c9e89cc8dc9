import { z } from "zod";

/** What a run of a plan says of where it was routed; apart from the plans, for every look at a run reads it. */

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
