import path from "node:path";
import { fileURLToPath } from "node:url";

/**
 * Programs that Signalbox starts as processes or threads. When running from source they are TypeScript files (Node 24 strips the types).
 * In the bundle, each is `dist/<name>.mjs`, with all chunks in that folder.
 */
export const entryPointSources = {
  supervisor: "src-core/wiring/processes/supervisor.ts",
  runner: "src-core/wiring/processes/runner.ts",
  "compute-worker": "workers/compute-worker.ts",
  "hash-worker": "workers/hash-worker.ts",
  "sql-check": "src-core/wiring/processes/sql-check.ts",
} as const;

export type EntryPoint = keyof typeof entryPointSources;

const here = fileURLToPath(import.meta.url);
const isSource = here.endsWith(".ts");

/** Folder of package.json, trainer/, resources/ and fixtures/. */
export const appRoot: string = isSource
  ? path.resolve(path.dirname(here), "../../..")
  : path.resolve(path.dirname(here), "..");

export function entryPoint(name: EntryPoint): string {
  return isSource ? path.join(appRoot, entryPointSources[name]) : path.join(path.dirname(here), `${name}.mjs`);
}
