import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { ensureServer, stopServer } from "../src-core/foundation/mlflow/server/server.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, timed } from "./bench.ts";
import { entryPoint } from "./entry-point.ts";
import { configured, iterations, peerProgram, writeTable } from "./pipeline-peer.ts";

const fullRows = 1_000_000;
/** Below this, the comparison would mostly measure fixed costs of starting. */
const leastPeerSeconds = 60;

/**
 * `signalbox run` from a prepared project to a decision against one Python script that does the same work on the same running MLflow
 * server: read, group split, same fit, log, load back, score. Each repeat has its own project and experiment.
 */
export async function run({ repeats, python, log, trial }: BenchOptions): Promise<BenchResult> {
  const rows = trial?.rows ?? fullRows;
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-pipeline-"));
  const serverFolder = path.join(folder, "mlflow");
  mkdirSync(serverFolder);
  try {
    const interpreter = await python();
    const cli = entryPoint(trial !== undefined);
    const table = path.join(folder, "orders.parquet");
    await writeTable(table, rows);
    const server = await ensureServer({ folder: serverFolder, python: async () => interpreter, env: process.env });
    const threads = String(os.availableParallelism());
    // Both fit on all cores; threads that spin while they wait would starve each other.
    const { PYTHONDONTWRITEBYTECODE: _, ...inherited } = process.env;
    const env = {
      ...inherited,
      MLFLOW_TRACKING_URI: server.uri,
      MLFLOW_DISABLE_TELEMETRY: "true",
      OMP_NUM_THREADS: threads,
      OPENBLAS_NUM_THREADS: threads,
      OMP_WAIT_POLICY: "PASSIVE",
      SIGNALBOX_SUPERVISOR_IDLE_MS: "500",
    };
    const base = path.join(folder, "base");
    const options = ["--table", table, "--target", "minutes", "--group", "shop", "--no-git", "--quiet"];
    execFileSync(process.execPath, [...cli, "init", base, ...options], { env, stdio: ["ignore", "ignore", "inherit"] });
    const peer = path.join(folder, "peer.py");
    writeFileSync(peer, peerProgram(table));
    log(`table of ${rows.toLocaleString("en")} rows, project and server ready`);
    let count = 0;
    const [own, script] = await interleaved(
      [
        {
          name: "signalbox run",
          once: () => {
            const project = copyProject(base, path.join(folder, `run-${++count}`));
            return timed(() =>
              execFileSync(process.execPath, [...cli, "run", "--project", project, "--json"], { env, stdio: "pipe" }),
            );
          },
        },
        {
          name: "one Python script",
          once: () => timed(() => execFileSync(interpreter, [peer], { env, stdio: "pipe" })),
        },
      ],
      trial?.repeats ?? repeats,
      trial === undefined ? 5 : 1,
    );
    if (!own || !script) throw new Error("A contestant wasn't measured.");
    const what = `${rows.toLocaleString("en")} rows, ${iterations} iterations, table to decision`;
    return {
      lines: [atMost({ what, own, peer: script, bar: 1.15 })],
      notes: notesOf(trial !== undefined, script.bestSeconds),
    };
  } finally {
    await stopServer(serverFolder, 500);
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Copies the project under another name, so that no repeat finds the split, frozen files or models of another. */
function copyProject(base: string, to: string): string {
  execFileSync("cp", ["-r", base, to]);
  // The table is the same file: copying it isn't part of the pipeline.
  const master = path.join("data", "master.parquet");
  rmSync(path.join(to, master));
  linkSync(path.join(base, master), path.join(to, master));
  const name = path.basename(to);
  const file = path.join(to, "signalbox.yaml");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll("base_", `${name}_`));
  writeFileSync(path.join(to, "configs", "models", "v1.yaml"), configured);
  return to;
}

function notesOf(isTrial: boolean, peerSeconds: number): readonly string[] {
  return [
    "The script doesn't check a contract or leaks, version the data, compute intervals or decide.",
    "Both as whole processes, start and imports included; the server is already running.",
    ...(isTrial ? ["A trial with another size, from source, not a measurement."] : []),
    ...(!isTrial && peerSeconds < leastPeerSeconds
      ? [`The script took less than ${leastPeerSeconds} s: raise its iterations, so that its start doesn't count.`]
      : []),
  ];
}
