import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CliResult, cli, cliEntry, cliJson } from "../cli.ts";
import { smallProject } from "../small-project.ts";
import { changeModel } from "./next-model.ts";

/**
 * Every state that a project may be in when it comes to another place, with what each of four commands does there. What is right is a table of the
 * test; a cell's commands run one after the other.
 */
const states = ["idle", "its server up", "a run at work"] as const;
type State = (typeof states)[number];

export interface Place {
  /** Makes the place and returns its path. `o` is the original. */
  readonly make: (o: string, p: string) => void;
  /** What is done there is done to the original. */
  readonly isShared: boolean;
  /** Where the original was moved away. */
  readonly isMoved?: true;
  /** What a run says that is at work when the place is made. */
  readonly atWork: "RUNNING" | "FAILED" | "no run";
  /** What `promotion override` of a run of the original does there, and what the gate of the next run says. */
  readonly override: "done" | "promotion/other-model";
  readonly verdict: "HOLD" | "INVALID";
}

interface Status {
  readonly production: { readonly version: string; readonly runId: string } | null;
  readonly runs: readonly { readonly runId: string; readonly status: string }[];
}
const ledgerOf = (project: string) =>
  readFileSync(path.join(project, "ledger/decisions.jsonl"), "utf8").trim().split("\n");

const canContain =
  process.getuid?.() === 0 && spawnSync("unshare", ["--pid", "--fork", "--mount-proc", "true"]).status === 0;
if (!canContain) console.warn("NOT TESTED: the project mounted into a container needs root and unshare.");

/** A mount and PID namespace that lives as long as the cell: commands run in it one after the other. */
function container(o: string, p: string): { readonly holder: ChildProcess; readonly enter: readonly string[] } {
  const script = 'mount --bind "$1" "$2" && exec sleep 600';
  // Without --kill-child the namespace would outlive its holder.
  const options = ["--pid", "--fork", "--kill-child", "--mount", "--mount-proc"];
  const holder = spawn("unshare", [...options, "sh", "-c", script, "sh", o, p], { stdio: "ignore" });
  const child = () => readFileSync(`/proc/${holder.pid}/task/${holder.pid}/children`, "utf8").trim();
  const isMounted = () => readFileSync(`/proc/${child()}/mountinfo`, "utf8").includes(` ${p} `);
  for (const until = Date.now() + 10_000; child() === "" || !isMounted(); )
    if (Date.now() > until) throw new Error(`${o} can't be mounted at ${p}`);
  return { holder, enter: ["nsenter", "--target", child(), "--mount", "--pid"] };
}

export function describePlaces(right: Readonly<Record<string, Place>>): void {
  let original: string;
  let folder: string;
  let held: string;
  const made: string[] = [];

  beforeAll(async () => {
    original = await smallProject();
    folder = path.dirname(original);
    made.push(original);
    await ok(["run"], original);
    changeModel(original, 60);
    held = (await cliJson<{ run: { runId: string } }>(["run"], { cwd: original })).run.runId;
    // A clone gets its data from here.
    const remote = `[core]\n    remote = shared\n['remote "shared"']\n    url = ${path.join(folder, "remote")}\n`;
    execFileSync("sh", ["-c", `cat >> .dvc/config`], { cwd: original, input: remote });
    await ok(["data", "push"], original);
    const git = ["-c", "user.name=a", "-c", "user.email=a@example.org"];
    execFileSync("git", [...git, "add", "--all"], { cwd: original });
    execFileSync("git", [...git, "commit", "--quiet", "--message", "two runs"], { cwd: original });
    await ok(["mlflow", "stop"], original);
  }, 240_000);
  afterAll(async () => {
    for (const project of made) if (existsSync(project)) await cli(["mlflow", "stop"], { cwd: project });
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }, 120_000);

  describe.each(Object.entries(right))("a project that was %s", (name, place) => {
    describe.each(states)("%s", (state: State) => {
      const isHere = name !== "mounted" || canContain;
      let [o, p] = ["", ""];
      let inside: ReturnType<typeof container> | undefined;
      let working: ChildProcess | undefined;

      /** A command at the place; JSON. */
      const there = async (...args: readonly string[]): Promise<CliResult & { readonly json: unknown }> => {
        const result = await at(p, args, inside?.enter);
        return { ...result, json: result.stdout.trim() === "" ? undefined : JSON.parse(result.stdout) };
      };

      beforeAll(async () => {
        if (!isHere) return;
        const key = `${name}-${states.indexOf(state)}`;
        [o, p] = [path.join(folder, key), path.join(folder, `${key}-p`)];
        cpSync(original, o, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
        made.push(o, p);
        if (state !== "idle") await ok(["mlflow", "start"], o);
        if (state === "a run at work") working = await startLong(o);
        place.make(o, p);
        if (name === "mounted") inside = container(o, p);
        if (name === "cloned") await ok(["data", "pull"], p);
      }, 120_000);
      afterAll(async () => {
        if (!isHere) return;
        for (const project of [p, o])
          if (existsSync(path.join(project, "signalbox.yaml")))
            for (const run of (await cliJson<Status>(["status"], { cwd: project })).runs)
              if (run.status === "RUNNING") await cli(["runs", "cancel", run.runId], { cwd: project });
        working?.kill("SIGKILL");
        if (inside !== undefined) await at(p, ["mlflow", "stop"], inside.enter);
        inside?.holder.kill("SIGKILL");
        for (const project of [p, o]) if (existsSync(project)) await cli(["mlflow", "stop"], { cwd: project });
      }, 120_000);

      it.runIf(isHere)("status: shows its history, and what is at work there", async () => {
        const { code, json } = await there("status", "--json");
        const { production, runs } = json as Status;
        expect([code, production?.version]).toEqual([0, "1"]);
        const finished = place.atWork === "no run" ? [] : ["FINISHED", "FINISHED"];
        const atWork = state === "a run at work" && place.atWork !== "no run" ? [place.atWork] : [];
        expect(runs.map(({ status }) => status)).toEqual([...atWork, ...finished]);
      });

      it.runIf(isHere)("promote: moves production here, and in the original only where it is the same", async () => {
        const before = place.isMoved ? [] : ledgerOf(o);
        const { code, json, stderr } = await there("promotion", "override", held, "--reason", "tried", "--json");
        if (place.override === "done") expect([code, json]).toMatchObject([0, { version: "2" }]);
        else expect([code, stderr]).toEqual([4, expect.stringContaining(place.override)]);
        const added = place.override === "done" && place.isShared ? 1 : 0;
        if (!place.isMoved) expect(ledgerOf(o)).toHaveLength(before.length + added);
        const { production } = (await there("status", "--json")).json as Status;
        expect(production?.version).toBe(place.override === "done" ? "2" : "1");
      });

      it.runIf(isHere)(
        "run: trains and decides here",
        async () => {
          changeModel(name === "mounted" ? o : p, 70);
          const before = place.isMoved ? undefined : await cliJson<Status>(["status"], { cwd: o });
          const { code, json, stderr } = await there("run", "--json");
          expect(code, stderr).toBe(0);
          const { run } = json as { run: { runId: string; status: string; verdict: string } };
          expect(run).toMatchObject({ status: "FINISHED", verdict: place.verdict });
          if (before !== undefined) {
            const { runs } = await cliJson<Status>(["status"], { cwd: o });
            expect(runs.map(({ runId }) => runId).includes(run.runId)).toBe(place.isShared);
            // What was at work in the original still is.
            const isAtWork = (it: Status) => it.runs.some(({ status }) => status === "RUNNING");
            expect(isAtWork({ production: null, runs })).toBe(isAtWork(before));
          }
        },
        240_000,
      );

      it.runIf(isHere)(
        "reproduce: gives the same, bit for bit",
        async () => {
          const { code, json, stderr } = await there("reproduce", "latest", "--json");
          expect([code, (json as { outcome?: string } | undefined)?.outcome], stderr).toEqual([0, "reproduced"]);
        },
        240_000,
      );

      if (place.isMoved) it("nothing appears where it was", () => expect(existsSync(o)).toBe(false));

      if (state !== "a run at work") return;
      it.runIf(isHere)(
        "the fit that was at work goes on in its first attempt, and can be cancelled",
        async () => {
          const owner = place.isMoved ? p : o;
          const [job] = trainingOf(owner);
          expect(job).toMatchObject({ attempts: 1, hasEnded: false });
          expect((await cli(["runs", "cancel", job?.runId ?? ""], { cwd: owner })).code).toBe(0);
          expect(trainingOf(owner).map(({ hasEnded }) => hasEnded)).not.toContain(false);
        },
        60_000,
      );
    });
  });
}

async function ok(args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await cli(args, { cwd });
  expect(code, stderr).toBe(0);
}

function at(cwd: string, args: readonly string[], enter?: readonly string[]): Promise<CliResult> {
  if (enter === undefined) return cli(args, { cwd });
  const words = [...enter, "sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", cwd, process.execPath, cliEntry, ...args];
  const [program = "", ...rest] = words;
  const result = spawnSync(program, rest, { encoding: "utf8", env: { ...process.env, NO_COLOR: "1", COLUMNS: "100" } });
  return Promise.resolve({ code: result.status, stdout: result.stdout, stderr: result.stderr });
}

/** Starts a run that takes long, and returns once its fit has begun. */
async function startLong(project: string): Promise<ChildProcess> {
  changeModel(project, 200_000);
  const child = spawn(process.execPath, [cliEntry, "run"], { cwd: project, stdio: "ignore" });
  while (!trainingOf(project).some(({ hasEnded }) => !hasEnded)) await pause(100);
  return child;
}

/** Jobs of training that were started, those first that haven't ended. */
function trainingOf(project: string) {
  const runs = path.join(project, ".signalbox/runs");
  return readdirSync(runs)
    .filter((runId) => existsSync(path.join(runs, runId, "train/pid.json")))
    .map((runId) => ({
      runId,
      attempts: readdirSync(path.join(runs, runId, "train/attempts")).filter((it) => /^\d+\.json$/.test(it)).length,
      hasEnded: existsSync(path.join(runs, runId, "train/exit.json")),
    }))
    .toSorted((one, other) => Number(one.hasEnded) - Number(other.hasEnded));
}
