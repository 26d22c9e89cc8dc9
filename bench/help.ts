import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { performance } from "node:perf_hooks";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, type Measurement } from "./bench.ts";

/** A start takes a few hundredths of a second, less than a busy machine's pauses, so the minimum of many counts. */
const leastRepeats = 40;

/** `signalbox --help` and `signalbox status` on the bundle, against starting Node alone. */
export async function run({ repeats, log }: BenchOptions): Promise<BenchResult> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "signalbox-bench-help-"));
  try {
    execFileSync(process.execPath, [path.join(appRoot, "scripts", "build.ts")], { stdio: "inherit" });
    const project = path.join(folder, "flights");
    // As bin/signalbox starts it.
    const cli = ["--min-semi-space-size=16", path.join(appRoot, "dist", "cli.cjs")];
    execFileSync(process.execPath, [...cli, "init", project, "--sample", "flights", "--quiet"], { stdio: "ignore" });
    log("bundle built, project created");
    const status = [...cli, "status", "--project", project];
    // The first start writes the compiled code and the catalogue; later ones use both.
    for (const args of [[...cli, "--help"], status]) started(args);
    const [floor, help, glance] = await interleaved(
      [
        { name: "node -e 0", once: () => started(["-e", "0"]) },
        { name: "signalbox --help", once: () => started([...cli, "--help"]) },
        { name: "signalbox status", once: () => started(status) },
      ],
      Math.max(leastRepeats, repeats),
    );
    if (!floor || !help || !glance) throw new Error("A contestant wasn't measured.");
    return {
      lines: [
        atMost({ what: "signalbox --help", own: help, peer: floor, bar: 1.6 }),
        atMost({ what: "signalbox status", own: glance, peer: floor, bar: 4 }),
      ],
      notes: [
        "The bundle under this Node, without the launcher's shell, which adds a `find` over the sources in a checkout.",
        ...(existsSync(path.join(appRoot, "dist", ".compiled"))
          ? []
          : ["No compiled code was stored next to the bundle."]),
      ],
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function started(args: readonly string[]): Measurement {
  const start = performance.now();
  execFileSync(process.execPath, args, { stdio: "ignore" });
  return { seconds: (performance.now() - start) / 1_000 };
}
