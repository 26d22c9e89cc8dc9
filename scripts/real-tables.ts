import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ensurePythonEnvironment } from "../src-core/areas/environment/build/ensure.ts";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { dataHome } from "../src-core/foundation/files/paths.ts";
import { ensureServer, stopServer } from "../src-core/foundation/mlflow/server/server.ts";

/**
 * node scripts/real-tables.ts FOLDER [TEXT]
 *
 * Runs `init` and `run` on every table that `scripts/real-tables/export_tables.py` wrote into FOLDER, or on those whose name contains TEXT, and writes
 * `results.json` there: how each ended, and why. Nothing is decided for a table but its target, and the first choice where `init` asks
 * which task it is.
 */
interface Table {
  readonly package: string;
  readonly name: string;
  readonly file: string;
  readonly target: string;
}

interface Result extends Table {
  readonly ended: "passed" | "refused by init" | "refused by run" | "too long";
  readonly code: string | null;
  readonly message: string | null;
  readonly verdict: string | null;
  readonly seconds: number;
}

const longestMs = 300_000;
const [folder = "", wanted = ""] = process.argv.slice(2).map((it, index) => (index === 0 ? path.resolve(it) : it));
const tables = (JSON.parse(readFileSync(path.join(folder, "tables.json"), "utf8")) as Table[]).filter(({ file }) =>
  file.includes(wanted),
);
const work = path.join(folder, "projects");
const server = path.join(folder, "mlflow");
// The names on a server that was used before belong to the projects of then.
for (const made of [work, server]) {
  rmSync(made, { recursive: true, force: true });
  mkdirSync(made, { recursive: true });
}
const python = async () =>
  (
    await ensurePythonEnvironment({
      home: dataHome(process.env),
      env: process.env,
      groups: [],
      report: () => undefined,
    })
  ).python;
// One server for all, because starting one takes as long as a small run.
const { uri } = await ensureServer({ folder: server, python, env: process.env });
const env = { ...process.env, MLFLOW_TRACKING_URI: uri, SIGNALBOX_SUPERVISOR_IDLE_MS: "200" };
const results: Result[] = [];
try {
  for (const table of tables) {
    const result = tried(table);
    results.push(result);
    const why = result.code === null ? "" : `: ${result.code} ${result.message?.split("\n")[0]}`;
    process.stdout.write(`${result.ended} ${table.file} (${result.seconds.toFixed(0)} s)${why}\n`);
    writeFileSync(path.join(folder, "results.json"), `${JSON.stringify(results, null, 1)}\n`);
  }
} finally {
  await stopServer(server, 500);
}
const passed = results.filter(({ ended }) => ended === "passed").length;
process.stdout.write(`${passed} of ${results.length} tables passed\n`);

function tried(table: Table): Result {
  const began = performance.now();
  const project = path.join(work, table.file.replace(/\.csv$/, "").replaceAll(/[^A-Za-z0-9._-]/g, "-"));
  rmSync(project, { recursive: true, force: true });
  const source = ["--table", path.join(folder, table.file), "--target", table.target, "--no-git"];
  const first = signalbox("init", project, ...source);
  const task = taskAsked(first);
  const init = task === undefined ? first : signalbox("init", project, ...source, "--task", task);
  const run = init.code === 0 ? signalbox("run", "--project", project) : undefined;
  const last = run ?? init;
  const error = last.code === 0 || last.code === null ? undefined : (JSON.parse(last.stderr) as Result);
  const refused = run === undefined ? "refused by init" : "refused by run";
  return {
    ...table,
    ended: last.code === 0 ? "passed" : last.code === null ? "too long" : refused,
    code: error?.code ?? null,
    message: error?.message ?? null,
    verdict: run?.code === 0 ? JSON.parse(run.stdout).run.verdict : null,
    seconds: (performance.now() - began) / 1000,
  };
}

/** The first of the tasks that `init` asks to choose from; undefined if it doesn't ask. */
function taskAsked({ code, stderr }: ReturnType<typeof signalbox>): string | undefined {
  if (code === 0 || code === null) return undefined;
  const { details } = JSON.parse(stderr) as { details?: { decision?: string; choices?: readonly string[] } };
  return details?.decision === "task" ? details.choices?.[0] : undefined;
}

function signalbox(...args: readonly string[]) {
  const argv = [path.join(appRoot, "src-cli", "main.ts"), ...args, "--json"];
  const { status, stdout, stderr } = spawnSync(process.execPath, argv, {
    env,
    encoding: "utf8",
    timeout: longestMs,
    maxBuffer: 1 << 28,
  });
  // Progress may stand before the error's one line.
  return { code: status, stdout, stderr: stderr.trim().split("\n").at(-1) ?? "" };
}
