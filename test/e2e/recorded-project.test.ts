import { readdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readArchive, readMachine, readRecorded, whyOtherFigures } from "../support/recorded/recorded-files.ts";
import { type Observed, observeRecordedProject, type Reproduced } from "../support/recorded/recorded-observations.ts";
import { recordedProject, takeRecordedPlace, unpackIntoPlace } from "../support/recorded/recorded-place.ts";

const recorded = readRecorded();
const { observed: then } = recorded;
// Python's figures are the same, bit for bit, if its environment and the kind of processor are.
const why = whyOtherFigures(recorded.machine, await readMachine());
const reach = why === undefined ? "in everything" : `in row digests and the ledger only: ${why}`;

let now: Observed;
/** Jobs that had ended when the project was recorded: "<run> <job>". */
let ended: ReadonlySet<string>;
let clear: (() => Promise<void>) | undefined;

beforeAll(async () => {
  if (why !== undefined) console.warn(`The recorded project is compared ${reach}.`);
  clear = await takeRecordedPlace();
  unpackIntoPlace(readArchive());
  ended = endedJobs(path.join(recordedProject, ".signalbox", "runs"));
  now = await observeRecordedProject(recorded.story);
}, 1_800_000);
afterAll(async () => {
  await clear?.();
});

function endedJobs(runs: string): ReadonlySet<string> {
  const files = readdirSync(runs, { recursive: true, encoding: "utf8" });
  return new Set(
    files.filter((file) => /^[^/]+\/[^/]+\/exit\.json$/.test(file)).map((file) => path.dirname(file).replace("/", " ")),
  );
}

const byModel = (decided: Observed["decided"]) => Object.groupBy(decided, (it) => it.body.modelName);

const rowDigests = ({ rows }: Reproduced) =>
  Object.fromEntries(Object.entries(rows).filter(([name]) => name.startsWith("row digest ")));

describe(`a project of version ${recorded.version} (${recorded.commit}), compared ${reach}`, () => {
  it("has its ledger, hash by hash, and its unfinished operations", () => {
    expect(now.verified).toEqual(then.verified);
    expect(now.ledger).toEqual(then.ledger);
    expect(now.found).toEqual(then.found);
  });

  it("has every run's rows again", () => {
    expect(now.reproduced.map(({ runId }) => runId)).toEqual(then.reproduced.map(({ runId }) => runId));
    expect(now.reproduced.map(rowDigests)).toEqual(then.reproduced.map(rowDigests));
  });

  it("continues: unfinished operations end and interrupted runs are resumed, each once", () => {
    expect(now.takenUp.map(({ id, state, error }) => [id, state, error])).toEqual(
      then.takenUp.map(({ id, state, error }) => [id, state, error]),
    );
    expect(now.planned).toEqual(then.planned);
    expect(now.resumed.slice(1)).toEqual(then.resumed.slice(1));
    expect(now.entriesInTheEnd).toBe(then.entriesInTheEnd);
  });

  it("has its runs' fingerprints", () => {
    expect(now.fingerprints).toEqual(then.fingerprints);
  });

  if (why !== undefined) return;

  it.each(then.reproduced)("reproduces run $runId with each digest, figure and row of its gate", (was) => {
    expect(was.outcome).toBe("reproduced");
    expect(now.reproduced.find(({ runId }) => runId === was.runId)).toEqual(was);
  });

  it("finds its evidence and its plan's trained jobs again", () => {
    expect(now.plan).toEqual(then.plan);
  });

  it("loads its models", () => {
    expect(now.loaded).toEqual(then.loaded);
  });

  it("finds its jobs by their keys: one that had ended is not run again, one that was lost is", () => {
    const attempts = (jobs: Observed["jobs"]) =>
      Object.fromEntries(Object.entries(jobs).map(([job, words]) => [job, words.replace(/^\w+ /, "")]));
    expect(attempts(now.jobs)).toEqual(attempts(then.jobs));
    // Version 0.1 named a job's files by their absolute paths: what it had ended keeps its key, what is begun now gets another.
    const ofEnded = (jobs: Observed["jobs"]) =>
      Object.fromEntries(Object.entries(jobs).filter(([job]) => ended.has(job)));
    expect(ended.size).toBeGreaterThan(10);
    expect(ofEnded(now.jobs)).toEqual(ofEnded(then.jobs));
  });

  it("makes the remaining decisions as they were made then", () => {
    expect(now.takenUp).toEqual(then.takenUp);
    expect(now.resumed).toEqual(then.resumed);
    // A later version may tell more of a row; what the record has must be the same. Operations that are taken up run at once, so that
    // decisions on different models may change places.
    expect(byModel(now.decided)).toMatchObject(byModel(then.decided));
  });
});
