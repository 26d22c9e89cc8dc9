import { checkKey, checkValue } from "./http/names.ts";

/** A point of a metric; `timestamp` in milliseconds since 1970, UTC. */
export interface MetricPoint {
  readonly key: string;
  readonly value: number;
  readonly timestamp: number;
  readonly step: number;
}

export interface BatchContent {
  readonly metrics?: readonly MetricPoint[];
  readonly params?: Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
}

/** MLflow's limits for a log-batch request. */
export const batchLimits = { metrics: 1_000, params: 100, tags: 100, bytes: 1_000_000 } as const;

/**
 * Builds the bodies of the log-batch requests for `content`. Parameters and tags are sent first, in separate requests; metrics follow in
 * batches of 1,000. So n metric points with up to 100 parameters and tags take ⌈n/1000⌉ + 1 requests. Equal content gives equal bodies, so a
 * batch whose response was lost can be sent again: parameters are equal, tags are overwritten, and MLflow keeps one of identical metric points.
 */
export function batchBodies(runId: string, content: BatchContent): readonly string[] {
  const params = Object.entries(content.params ?? {}).map(([key, value]) => entry("parameter", key, value));
  const tags = Object.entries(content.tags ?? {}).map(([key, value]) => entry("tag", key, value));
  const metrics = (content.metrics ?? []).map(metricText);
  const room = batchLimits.bytes - bodyOf(runId, "params", []).length;
  return [
    ...chunks(params, batchLimits.params, room).map((chunk) => ["params", chunk] as const),
    ...chunks(tags, batchLimits.tags, room).map((chunk) => ["tags", chunk] as const),
  ]
    .reduce<string[][]>(pairUp(room), [])
    .map((parts) => `{"run_id":${JSON.stringify(runId)},${parts.join(",")}}`)
    .concat(chunks(metrics, batchLimits.metrics, room).map((chunk) => bodyOf(runId, "metrics", chunk)));
}

function bodyOf(runId: string, field: string, chunk: readonly string[]): string {
  return `{"run_id":${JSON.stringify(runId)},"${field}":[${chunk.join(",")}]}`;
}

/** Puts a chunk of tags into the first request that has no tags yet and enough room. */
function pairUp(room: number) {
  return (requests: string[][], [field, chunk]: readonly ["params" | "tags", readonly string[]]): string[][] => {
    const text = `"${field}":[${chunk.join(",")}]`;
    const open = requests.find((parts) => {
      const [only] = parts;
      return field === "tags" && parts.length === 1 && only?.startsWith('"params"') && fits([only, text], room);
    });
    if (open === undefined) requests.push([text]);
    else open.push(text);
    return requests;
  };
}

function fits(parts: readonly string[], room: number): boolean {
  return parts.reduce((sum, part) => sum + Buffer.byteLength(part) + 1, 0) <= room;
}

function chunks(entries: readonly string[], most: number, room: number): readonly (readonly string[])[] {
  const all: string[][] = [];
  let current: string[] = [];
  let bytes = 0;
  for (const text of entries) {
    const size = Buffer.byteLength(text) + 1;
    if (current.length > 0 && (current.length === most || bytes + size > room)) {
      all.push(current);
      current = [];
      bytes = 0;
    }
    current.push(text);
    bytes += size;
  }
  return current.length === 0 ? all : [...all, current];
}

function entry(kind: "parameter" | "tag", key: string, value: string): string {
  checkKey(kind, key);
  checkValue(kind, key, value);
  return JSON.stringify({ key, value });
}

function metricText({ key, value, timestamp, step }: MetricPoint): string {
  checkKey("metric", key);
  // JSON has no NaN and no infinities; protobuf's JSON writes them as strings.
  const written = Number.isFinite(value) ? value : String(value);
  return JSON.stringify({ key, value: written, timestamp: Math.trunc(timestamp), step: Math.trunc(step) });
}
