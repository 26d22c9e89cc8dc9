import { AppError } from "../../../contract/errors.ts";

/** Lengths in code points, as Python counts them, that a server of version 3 accepts. */
export const limits = { key: 250, paramValue: 6_000, tagValue: 8_000, alias: 255, datasetDigest: 36 } as const;
/** Lengths that older servers accept. Longer values are read back, because such a server may cut them silently. */
export const olderLimits = { paramValue: 500, tagValue: 5_000 } as const;

export function lengthOf(text: string): number {
  return text.length <= limits.key ? text.length : Array.from(text).length;
}

function rejected(message: string, hint: string): AppError {
  return new AppError({ code: "tracking/rejected", message, hint });
}

const keyPattern = /^[/\p{L}\p{N}_.\- :]+$/u;

/** Checks a metric, parameter or tag key by MLflow's rule: its characters, its length, and a normalised relative path. */
export function checkKey(kind: "metric" | "parameter" | "tag", key: string): void {
  const isPath = !key.startsWith("/") && key.split("/").every((part) => part !== "" && part !== "." && part !== "..");
  if (keyPattern.test(key) && isPath && lengthOf(key) <= limits.key) return;
  throw rejected(
    `MLflow can't store the ${kind} name '${key.slice(0, 300)}'.`,
    `Use letters, digits, '_', '-', '.', ':', spaces and '/' between parts, ${limits.key} characters at most.`,
  );
}

/** Refuses a value that MLflow would refuse or cut. A long string must be sent as an artifact. */
export function checkValue(kind: "parameter" | "tag", key: string, value: string): void {
  const most = kind === "parameter" ? limits.paramValue : limits.tagValue;
  const length = lengthOf(value);
  if (length <= most) return;
  throw rejected(
    `The ${kind} '${key}' has ${length} characters, but MLflow stores at most ${most}.`,
    "Store the string in an artifact, and its digest here.",
  );
}

/** Checks an alias by MLflow's rule: letters, digits, '_', '-'; neither `latest` nor `v<N>`. */
export function checkAlias(alias: string): void {
  const isPlain = /^[\p{L}\p{N}_-]+$/u.test(alias) && lengthOf(alias) <= limits.alias;
  if (isPlain && alias.toLowerCase() !== "latest" && !/^v\d+$/i.test(alias)) return;
  throw rejected(
    `'${alias}' can't be an alias of a model version.`,
    "Use letters, digits, '_' and '-'; 'latest' and 'v' with a number are reserved by MLflow.",
  );
}

/**
 * Encodes the name of a model for the registry: `/`, `:` and the second dot of `..` become `~2F`, `~3A`, `~2E`. A `~` is only escaped if it
 * would look like such an escape, so all other names are unchanged.
 */
export function encodeModelName(name: string): string {
  if (name.trim() === "") throw rejected("A registered model needs a name.", "Set tracking.registered_model.");
  return name
    .replace(/~(?=2F|3A|2E|7E)/g, "~7E")
    .replaceAll("/", "~2F")
    .replaceAll(":", "~3A")
    .replace(/(?<=\.)\./g, "~2E");
}

export function decodeModelName(encoded: string): string {
  return encoded
    .replaceAll("~2F", "/")
    .replaceAll("~3A", ":")
    .replaceAll("~2E", ".")
    .replace(/~7E(?=2F|3A|2E|7E)/g, "~");
}

/** Quotes a string for a search filter. MLflow's filters have no escapes, so a string can't contain both kinds of quotes. */
export function quoted(text: string): string {
  if (!text.includes("'")) return `'${text}'`;
  if (!text.includes('"')) return `"${text}"`;
  throw rejected(`MLflow can't search for '${text}': it contains both kinds of quotes.`, "Choose another name.");
}

/** Encodes the segments of a path for a URL. */
export function urlPath(path: string): string {
  return path.split("/").map(encodeURIComponent).join("/");
}
