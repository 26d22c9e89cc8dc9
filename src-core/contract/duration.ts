import * as z from "zod";

/** `90s`, `15m`, `6h`, `14d`, `2w`. Parsed by `parseDurationMs`. */
export const durationSchema = z
  .string()
  .regex(/^[1-9][0-9]*(s|m|h|d|w)$/, "a whole number and a unit: 90s, 15m, 6h, 14d, 2w");

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Returns the milliseconds of a duration that `durationSchema` has accepted. */
export function parseDurationMs(duration: string): number {
  const unit = duration.at(-1) as keyof typeof unitMs;
  return Number(duration.slice(0, -1)) * unitMs[unit];
}
