import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { runJob } from "../src-core/foundation/exec/run-job.ts";
import { testPlace } from "../test/support/test-place.ts";
import {
  atMost,
  type BenchOptions,
  type BenchResult,
  interleaved,
  type Measurement,
  shownOnly,
  timed,
} from "./bench.ts";

const logBytes = 200 << 20;

/** Prints 200 MiB of lines and records, in nanoseconds, when it began and ended. */
const program = `date +%s%N > began; yes 'epoch 17 step 4200 loss 0.1234567 learning rate 0.0003' | head -c ${logBytes}; date +%s%N > ended`;

function ownSeconds(folder: string): Measurement {
  const at = (name: string) => BigInt(readFileSync(path.join(folder, name), "utf8").trim());
  return { seconds: Number(at("ended") - at("began")) / 1e9 };
}

function check(log: string): void {
  const { size } = statSync(log);
  if (size !== logBytes) throw new Error(`${log} has ${size} bytes, not ${logBytes}.`);
}

async function runAsJob(folder: string, argv: readonly string[]): Promise<void> {
  const result = await runJob(
    {
      jobId: "log",
      runId: "bench",
      kind: "bench",
      folder,
      argv,
      env: {},
      inputs: [],
      expectedOutputs: [],
    },
    {
      place: testPlace(),
      record: { started: () => undefined, settled: () => undefined },
      signal: new AbortController().signal,
    },
  );
  if (result.state !== "succeeded") throw new Error(`The job ${result.state}: ${result.outputTail}`);
}

/** A job's log against the same program with its output redirected to a file. */
export async function run({ repeats, log }: BenchOptions): Promise<BenchResult> {
  const root = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-"));
  const inFolder = async (work: (folder: string) => Promise<Measurement> | Measurement): Promise<Measurement> => {
    const folder = path.join(root, "one");
    mkdirSync(folder);
    try {
      return await work(folder);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  try {
    const [own, peer, empty] = await interleaved(
      [
        {
          name: "job",
          once: () =>
            inFolder(async (folder) => {
              await runAsJob(folder, ["/bin/sh", "-c", program]);
              check(path.join(folder, "output.log"));
              return ownSeconds(folder);
            }),
        },
        {
          name: "cmd > file",
          once: () =>
            inFolder((folder) => {
              spawnSync("/bin/sh", ["-c", `{ ${program}; } > output.log`], { cwd: folder, stdio: "ignore" });
              check(path.join(folder, "output.log"));
              return ownSeconds(folder);
            }),
        },
        { name: "job of /bin/true", once: () => inFolder((folder) => timed(() => runAsJob(folder, ["/bin/true"]))) },
      ],
      repeats,
    );
    if (!own || !peer || !empty) throw new Error("A contestant wasn't measured.");
    log("measured");
    return {
      lines: [
        atMost({ what: "200 MiB of log, by the program's own clock", own, peer, bar: 1.1 }),
        shownOnly({ what: "start, follow and settle a job that does nothing", own: empty }),
      ],
      notes: [
        "The program writes to the log file directly; the runner copies nothing. The start and end of a job are added once.",
      ],
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
