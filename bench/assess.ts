import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { peerProgram } from "./assess-peer.ts";
import { type Assessed, makeProject, writeFolds } from "./assess-project.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, type Measurement } from "./bench.ts";
import { runTree } from "./process-tree.ts";

/** Half a minute and more each: three repeats by turns say as much as five of a short one. */
const leastRepeats = 3;
/** Below this the starts of the processes would be what is compared. */
const leastPeerSeconds = 20;

/**
 * `routing.assess` with everything measured anew against the same cross-validations in one scikit-learn script on joblib: same rows,
 * folds, preprocessing, families, parameters, seeds and scores, as many processes as cores with one thread each. What our side does
 * more stays in and is measured with it: permutation importances, leak detectors, effective sample sizes, bootstrap intervals, and a
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
    // As joblib's own workers do, and the trainer's: a fit has one thread, the fits share the cores.
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

/** The script must have done the same work: a fold dealt otherwise or a parameter forgotten shows in a score. */
function refuseOtherScores({ scores }: Assessed, stdout: string): void {
  const found: unknown = JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "");
  const others = new Map<string, unknown>(Object.entries(found ?? {}));
  for (const [name, score] of scores) {
    const other = others.get(name);
    if (typeof other !== "number" || Math.abs(other - score) > 1e-6)
      throw new Error(`The script's score of ${name} is ${other}, ours ${score}: that isn't the same work.`);
  }
}

function notesOf(isTrial: boolean, peerSeconds: number): readonly string[] {
  return [
    "Our side does more, and it is measured with the rest: permutation importances of every fold, leak detectors, effective sample sizes, bootstrap intervals (999 replicates), every fold kept as a durable result.",
    "Both as whole processes, start and imports included; the split and the Python environment are there already.",
    `${leastRepeats} repeats by turns, the minimum counts. Memory is the processes' resident size, shared pages of one program's processes counted once.`,
    ...(isTrial ? ["A trial on another size: no measurement."] : []),
    ...(!isTrial && peerSeconds < leastPeerSeconds
      ? [`The script took less than ${leastPeerSeconds} s: give it a larger table, so that starting doesn't count.`]
      : []),
  ];
}
