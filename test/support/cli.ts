import { spawn } from "node:child_process";
import path from "node:path";
import { appRoot } from "../../src-core/foundation/files/entry-points.ts";

export interface CliResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export const cliEntry: string = path.join(appRoot, "src-cli", "main.ts");

/** Runs `signalbox ARGS` as a separate process, from source, under this Node. */
export function cli(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv },
): Promise<CliResult> {
  const child = spawn(process.execPath, [cliEntry, ...args], {
    cwd: options.cwd,
    env: { ...process.env, NO_COLOR: "1", COLUMNS: "100", ...options.env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (bytes) => {
    stdout += String(bytes);
  });
  child.stderr.on("data", (bytes) => {
    stderr += String(bytes);
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** The JSON document of a command that must succeed (`codes`: 0, or 6 if the answer is a refusal). */
export async function cliJson<T>(
  args: readonly string[],
  options: { readonly cwd: string; readonly env?: NodeJS.ProcessEnv; readonly codes?: readonly number[] },
): Promise<T> {
  const result = await cli([...args, "--json"], options);
  if (!(options.codes ?? [0]).includes(result.code ?? -1)) {
    throw new Error(`signalbox ${args.join(" ")} ended with ${result.code}:\n${result.stderr}`);
  }
  return JSON.parse(result.stdout) as T;
}
