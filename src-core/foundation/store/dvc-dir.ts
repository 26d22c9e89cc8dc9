import { hash } from "node:crypto";
import * as z from "zod";
import { nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import { compareCodePoints } from "../text/code-points.ts";

/** One file of a versioned folder. `relpath` is POSIX and relative to the folder. */
export interface DirEntry {
  readonly md5: string;
  readonly relpath: string;
}

const dirSchema = z.array(z.looseObject({ md5: z.string(), relpath: z.string() }));

/** The bytes of a folder's object: Python's `json.dumps(list, sort_keys=True)`, sorted by relpath in code-point order. */
export function dirText(entries: readonly DirEntry[]): string {
  const sorted = [...entries].sort((a, b) => compareCodePoints(a.relpath, b.relpath));
  return `[${sorted.map((entry) => `{"md5": ${pythonJson(entry.md5)}, "relpath": ${pythonJson(entry.relpath)}}`).join(", ")}]`;
}

/** Object name of a folder: md5 of its bytes with `.dir`. */
export function dirHash(text: string): string {
  return `${hash("md5", text, "hex")}.dir`;
}

/** `json.dumps` of a string with `ensure_ascii`: what JSON.stringify leaves outside 0x20–0x7E becomes lower-case `\uXXXX`. */
function pythonJson(text: string): string {
  return JSON.stringify(text).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/**
 * Reads the files from a folder's object, in its own order.
 * @throws versioning/object-corrupt for anything but a list of files whose paths stay inside the folder
 */
export function parseDir(text: string, name: string): readonly DirEntry[] {
  const corrupt = (reason: string) =>
    new AppError({
      code: "versioning/object-corrupt",
      message: `The cache object ${name} isn't a folder listing: ${reason}.`,
      hint: "Delete the object, then fetch it again or add the folder again.",
      next: [nextStep("data.status", {}, "shows what brings it back")],
      details: { object: name },
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw corrupt(error instanceof Error ? error.message : String(error));
  }
  const result = dirSchema.safeParse(parsed);
  if (!result.success) throw corrupt(result.error.issues[0]?.message ?? "unexpected shape");
  for (const { relpath, md5 } of result.data) {
    // A listing from elsewhere must not write outside its folder.
    const parts = relpath.split("/");
    if (relpath.startsWith("/") || parts.some((part) => part === "" || part === "." || part === ".."))
      throw corrupt(`the path ${JSON.stringify(relpath)} is outside the folder`);
    if (!/^[0-9a-f]{32}$/.test(md5)) throw corrupt(`${JSON.stringify(md5)} isn't an md5`);
  }
  return result.data;
}
