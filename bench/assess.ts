import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { peerProgram } from "./assess-peer.ts";
import { type Assessed, makeProject, writeFolds } from "./assess-project.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, type Measurement } from "./bench.ts";
import { runTree } from "./process-tree.ts";

/** A repeat takes half a minute or more: three are as informative as five short ones. */
const leastRepeats = 3;
/** Below this, the comparison would mostly measure the start of processes. */
const leastPeerSeconds = 20;

/**
 * `routing.assess` without reused evidence against the same cross-validations in one scikit-learn script on joblib: same rows,
 * folds, preprocessing, families, parameters, seeds and scores, as many processes as cores with one thread each. Our time includes
 * additional work: permutation importances, leak detectors, effective sample sizes, bootstrap intervals, and a
 * durable result for every fold.
 */
export async function run({ python, log, trial }: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-assess-"));
  try {
    const interpreter = await python();
    const project = path.join(folder, "project");
    await makeProject(project, trial?.rows);
    const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
    const child = path.join(import.meta.dirname, "assess-child.ts");
    const assess = () => runTree(process.execPath, [child, project], env);
    const first = await assess();
    const assessed = await writeFolds(project);
    log(`project, split and folds ready; the first assessment took ${first.seconds.toFixed(1)} s`);
    const peer = path.join(folder, "peer.py");
    const train = path.join(project, "data", "splits", "v1", "train.parquet");
    writeFileSync(peer, peerProgram({ train, folds: assessed.foldsFile }));
    // As in joblib's and the trainer's workers: a fit has one thread, and the fits share the cores.
    const single = { ...env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", PYTHONWARNINGS: "ignore" };
    const script = async (): Promise<Measurement> => {
      const measured = await runTree(interpreter, [peer], single);
      refuseOtherScores(assessed, measured.stdout);
      return measured;
    };
    const [own, other] = await interleaved(
      [
        { name: "routing.assess", once: assess },
        { name: "one scikit-learn script", once: script },
      ],
      trial?.repeats ?? leastRepeats,
      trial === undefined ? leastRepeats : 1,
    );
    if (!own || !other) throw new Error("A contestant wasn't measured.");
    const what = `${assessed.fits} fits in ${assessed.scores.size} cross-validations of 2 targets, pooled and by carrier`;
    return {
      lines: [
        atMost({ what, own, peer: other, bar: 1.1 }),
        atMost({ what: `${what}: peak memory of all processes`, own, peer: other, bar: 1.25, isMemory: true }),
      ],
      notes: notesOf(trial !== undefined, other.bestSeconds),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

/** Checks that the script did the same work: other folds or a missing parameter change a score. */
function refuseOtherScores({ scores }: Assessed, stdout: string): void {
  const found: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  const others = new Map<string, unknown>(Object.entries(found ?? {}));
  for (const [name, score] of scores) {
    const other = others.get(name);
    if (typeof other !== "number" || Math.abs(other - score) > 1e-6)
      throw new Error(`The script's score of ${name} is ${other}, ours ${score}: they didn't do the same work.`);
  }
}

function notesOf(isTrial: boolean, peerSeconds: number): readonly string[] {
  return [
    "Our time includes additional work: permutation importances of every fold, leak detectors, effective sample sizes, bootstrap intervals (999 resamples), and a durable result for every fold.",
    "Both as whole processes, start and imports included; the split and the Python environment exist already.",
    `${leastRepeats} repeats in turns; the minimum counts. Memory is the processes' resident size, with shared pages of one program counted once.`,
    ...(isTrial ? ["A trial with another size, not a measurement."] : []),
    ...(!isTrial && peerSeconds < leastPeerSeconds
      ? [`The script took less than ${leastPeerSeconds} s: use a larger table, so that its start doesn't count.`]
      : []),
  ];
}
