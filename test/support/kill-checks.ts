import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "vitest";
import type { ResultName } from "../../src-core/contract/runs/stage-results.ts";
import type { RunSummary } from "../../src-core/contract/runs.ts";
import {
  artifactFiles,
  canonicalDigestIn,
  executeIn,
  filesOf,
  type Lab,
  leftoversIn,
  mlflowRun,
  mlflowVersions,
  modelFiles,
  privateNames,
} from "./kill-lab.ts";
import type { TestServer } from "./mlflow-server.ts";

/** What must hold after a kill, and after the next command. */

export interface Killed {
  readonly lab: Lab;
  readonly server: TestServer;
  readonly stage: ResultName;
  /** Which kill it was, for messages. */
  readonly at: string;
}

/** Files under a final name with neither their old nor their new content, and JSON that can't be read. */
export function brokenIn(lab: Lab, stage: ResultName): readonly string[] {
  const [before, after] = [lab.files(stage), lab.expected(stage)];
  const data = Object.entries(filesOf(lab.project))
    .filter(([file, md5]) => !file.includes(".signalbox-tmp-") && md5 !== before[file] && md5 !== after[file])
    .map(([file]) => file);
  const runDir = path.join(lab.project, ".signalbox", "runs", lab.runId);
  // MLflow's own example files contain NaN, which only Python's JSON parser accepts.
  const isRecord = (file: string) => /^(?!.*(\/model\/|\.signalbox-tmp-)).*\.json$/.test(file);
  const records = readdirSync(runDir, { recursive: true, encoding: "utf8" }).filter(
    (file) => isRecord(file) && !isJsonText(readFileSync(path.join(runDir, file), "utf8")),
  );
  return [...data, ...records, ...ledgerLines(lab).filter((line) => !isJsonText(line))];
}

export async function expectSettled({ lab, server, stage, at }: Killed): Promise<void> {
  const { runs } = (await executeIn(lab, "runs.list", {})) as { readonly runs: readonly RunSummary[] };
  const run = runs.find((it) => it.runId === lab.runId);
  const { status, tags } = await mlflowRun(server, lab.runId);
  // Killed after its last write to the catalogue: it was finished.
  const isFinished = existsSync(path.join(lab.project, ".signalbox", "runs", lab.runId, "stages", `${stage}.json`));
  if (isFinished && run?.status === "FINISHED") {
    expect(status, at).toBe("FINISHED");
    return;
  }
  expect(run, at).toMatchObject({ status: "FAILED", isResumable: true });
  expect({ status, resumable: tags.resumable, code: tags["signalbox.error_code"] }, at).toEqual({
    status: "FAILED",
    resumable: "true",
    code: "runs/interrupted",
  });
}

export async function expectAsUndisturbed({ lab, server, stage, at }: Killed): Promise<void> {
  expect(filesOf(lab.project), at).toEqual(lab.expected(stage));
  expect(leftoversIn(lab.project), at).toEqual([]);
  expect(privateNames(lab.project), at).toEqual(lab.privateNames(stage));
  expect((await mlflowRun(server, lab.runId)).status, at).toBe("FINISHED");
  if (stage === "train" || stage === "decide") {
    expect(artifactFiles(server, lab.runId, "model"), at).toEqual(modelFiles(lab));
    expect(canonicalDigestIn(lab.project, lab.runId), at).toBe(lab.canonicalDigest);
  }
  if (stage !== "decide") return;
  const entries = ledgerLines(lab).map((line) => JSON.parse(line) as { readonly kind: string; readonly body: unknown });
  expect(
    entries.map((it) => it.body),
    at,
  ).toEqual([lab.decision]);
  expect(await mlflowVersions(server, lab.modelName), at).toMatchObject({
    versions: [{ version: "1", run_id: lab.runId }],
    champion: "1",
  });
  expect(await executeIn(lab, "ledger.verify", {}), at).toMatchObject({ entries: 1 });
}

function ledgerLines({ project }: Lab): readonly string[] {
  const file = path.join(project, "ledger", "decisions.jsonl");
  return existsSync(file) ? readFileSync(file, "utf8").split("\n").slice(0, -1) : [];
}

function isJsonText(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
