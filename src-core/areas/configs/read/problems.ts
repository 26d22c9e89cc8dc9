import { AppError, type ErrorCode, type Place } from "../../../contract/errors.ts";

/** One problem in a file that a person wrote. */
export interface Problem {
  readonly code: ErrorCode;
  readonly place: Place;
  /** Path of keys to the value. */
  readonly path: readonly (string | number)[];
  /** What is wrong, without the place. */
  readonly message: string;
  /** The key that is unknown or missing, or whose value is wrong. */
  readonly key?: string | undefined;
  readonly nearest?: string | undefined;
  readonly allowed?: readonly string[] | undefined;
  /** The next step for this problem. */
  readonly hint?: string | undefined;
}

/** "configs/splits/v1.yaml:7:3". */
export function placeText(place: Place): string {
  return [place.file, place.line, place.column].filter((part) => part !== undefined).join(":");
}

export function pathText(path: readonly (string | number)[]): string {
  return path.map((step, index) => (typeof step === "number" ? `[${step}]` : index === 0 ? step : `.${step}`)).join("");
}

/** A problem whose code says most about the whole file comes first. */
const order: readonly ErrorCode[] = ["configs/syntax", "configs/unknown-schema-version", "configs/unknown-key"];
const rank = (code: ErrorCode) => (order.includes(code) ? order.indexOf(code) : order.length);

/** Combines all problems into one error: the message lists each with its place; code and details are those of the first. */
export function problemError(problems: readonly Problem[], details: Readonly<Record<string, unknown>> = {}): AppError {
  const sorted = [...problems].sort((a, b) => rank(a.code) - rank(b.code) || (a.place.line ?? 0) - (b.place.line ?? 0));
  const first = sorted[0];
  if (first === undefined) throw new Error("problemError needs a problem");
  const lines = sorted.map((problem) => `${placeText(problem.place)}: ${problem.message}`);
  return new AppError({
    code: first.code,
    message: lines.length === 1 ? (lines[0] ?? "") : `${lines.length} problems:\n${lines.join("\n")}`,
    hint: first.hint,
    details: {
      ...details,
      ...first.place,
      ...(first.key === undefined ? {} : { key: first.key }),
      ...(first.nearest === undefined ? {} : { nearest: first.nearest }),
      ...(first.allowed === undefined ? {} : { allowed: first.allowed }),
      problems: sorted.map((problem) => ({
        code: problem.code,
        ...problem.place,
        path: pathText(problem.path),
        message: problem.message,
      })),
    },
  });
}
