import * as z from "zod";

/** Parts that several schemas share. */

export const name = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, "letters, digits, '.', '_' and '-', beginning with a letter or digit");
export const columnName = z.string().min(1);

export const schemaVersion = z
  .literal(1)
  .describe("Version of the file's schema; the version of the configuration is in the file's name");

/**
 * The rules by which a table's file is read and checked, and its rows are assigned to their sides: which texts are numbers, times or missing
 * values, what two files of a glob make together, what a leak is. Version 0.1.0 had other rules and didn't name them. A change that could give
 * a value, a row or a side another meaning is a new number.
 */
const currentRules = 2;

export const rules = z
  .literal(currentRules)
  .describe(
    "Rules by which the table is read and checked; files without it were written by Signalbox 0.1.0, which had others",
  );

export const scalar = z.union([z.string(), z.number(), z.boolean()]);

/**
 * Identity of a process in files. Because pids are reused, it includes the start of the process and the boot of the machine; because
 * containers count their own, their PID namespace; and the host, because a disk may be shared.
 */
export const processIdentity = z.object({
  pid: z.int().positive(),
  startTime: z.string(),
  bootId: z.string(),
  namespace: z.string(),
  host: z.string(),
});

/** A date or an ISO 8601 time; without a zone it is UTC. */
export const moment = z
  .string()
  .regex(
    /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:?\d{2})?)?$/,
    "a date or an ISO 8601 time",
  );

/** A moment, or a year, which is its first moment. */
export const momentOrYear = z.union([moment, z.int().min(1).max(9_999)]);

/** Returns the moment of a value that `momentOrYear` has accepted. */
export function momentText(value: string | number): string {
  return typeof value === "number" ? `${String(value).padStart(4, "0")}-01-01` : value;
}
