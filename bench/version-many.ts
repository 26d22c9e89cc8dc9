import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { addOutput } from "../src-core/versioning/add.ts";
import { initDvc } from "../src-core/versioning/init.ts";
import { listOutputs } from "../src-core/versioning/outputs.ts";
import { openRepository } from "../src-core/versioning/repository.ts";
import { statusOf } from "../src-core/versioning/status.ts";
import { openRealDvc, type RealDvc } from "../test/support/real-dvc.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, type Runner, shownOnly, timed } from "./bench.ts";

const fullSize = 50_000;
const folders = 50;

/**
 * 50,000 small files put under DVC, and looked at again when nothing changed, against the real `dvc`. `--rows` sets
 * another number of files.
 */
export async function run({ repeats, log, trial }: BenchOptions): Promise<BenchResult> {
  const files = trial?.rows ?? fullSize;
  const dvc = await openRealDvc();
  const base = mkdtempSync(path.join(os.tmpdir(), "bench-version-many-"));
  // The program people use is JavaScript: without this, every thread would strip types first.
  process.env.NODE_COMPILE_CACHE = path.join(base, "compiled");
  try {
    log(`writing ${files} files twice to ${base}`);
    const [ours, theirs] = ["ours", "theirs"].map((name) => makeRepository(path.join(base, name), files));
    if (!ours || !theirs) throw new Error("no repositories");
    execFileSync("sync", ["-f", base]);
    const [ownAdd, dvcAdd, floor] = await interleaved([add(ours), realAdd(dvc, theirs), plainCopy(ours)], repeats);
    const [ownStatus, dvcStatus] = await interleaved([status(ours), realStatus(dvc, theirs)], repeats);
    if (!ownAdd || !dvcAdd || !floor || !ownStatus || !dvcStatus) throw new Error("a contestant did not run");
    return {
      lines: [
        atMost({ what: `version ${files.toLocaleString("en")} small files`, own: ownAdd, peer: dvcAdd, bar: 0.1 }),
        shownOnly({ what: "the same against the file system alone", own: ownAdd, peer: floor }),
        atMost({
          what: `status of ${files.toLocaleString("en")} unchanged files`,
          own: ownStatus,
          peer: dvcStatus,
          bar: 0.05,
        }),
      ],
      notes: ["dvc runs as a process; ours is timed inside one. Ours flushes every object to the disk, dvc none."],
    };
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

function makeRepository(root: string, files: number): string {
  mkdirSync(root);
  execFileSync("git", ["init", "--quiet", root]);
  initDvc(root, { isNoScm: false });
  writeFileSync(path.join(root, "signalbox.yaml"), "version: 1\n");
  for (let folder = 0; folder < folders; folder += 1)
    mkdirSync(path.join(root, "files", `${folder}`), { recursive: true });
  for (let file = 0; file < files; file += 1)
    writeFileSync(
      path.join(root, "files", `${file % folders}`, `${file}.bin`),
      randomBytes(2_000 + ((file * 7) % 4_000)),
    );
  return root;
}

/**
 * Moves aside what a run wrote. Deleting it would slow the next run of either side down many times over: ext4 passes
 * over each inode deleted in the last seconds whenever it looks for a free one.
 */
function forget(root: string): void {
  const aside = mkdtempSync(path.join(path.dirname(root), "aside-"));
  for (const name of [".dvc/cache", ".dvc/tmp", "files.dvc", ".signalbox", ".gitignore"])
    if (existsSync(path.join(root, name))) renameSync(path.join(root, name), path.join(aside, path.basename(name)));
  execFileSync("sync", ["-f", root]);
}

/** Lets the threads of the last run end, as they would have with their process. */
const idle = () => setTimeout(10);

function add(root: string): Runner {
  return {
    name: "signalbox data add",
    once: async () => {
      forget(root);
      await idle();
      return await timed(() => addOutput(openRepository(root), "files", { outputs: [] }));
    },
  };
}

function realAdd(dvc: RealDvc, root: string): Runner {
  return {
    name: "dvc add",
    once: async () => {
      forget(root);
      dvc.run(root, "config", "core.analytics", "false");
      return await timed(() => dvc.run(root, "add", "--quiet", "files"));
    },
  };
}

/** As many files made and flushed by the stock tool. It leaves the repository as it is: its status is asked for afterwards. */
function plainCopy(root: string): Runner {
  return {
    name: "cp -r and sync",
    once: async () => {
      const aside = mkdtempSync(path.join(path.dirname(root), "aside-"));
      execFileSync("sync", ["-f", aside]);
      return await timed(() => {
        execFileSync("cp", ["-r", path.join(root, "files"), aside]);
        execFileSync("sync", ["-f", aside]);
      });
    },
  };
}

function status(root: string): Runner {
  return {
    name: "signalbox data status",
    once: async () => {
      await idle();
      return await timed(async () => {
        const repository = openRepository(root);
        const outputs = listOutputs(repository);
        if (outputs.length === 0) throw new Error("nothing is versioned");
        for (const output of outputs) {
          const found = await statusOf(repository, output);
          if (found !== "unchanged") throw new Error(`${output.path} is ${found}`);
        }
      });
    },
  };
}

function realStatus(dvc: RealDvc, root: string): Runner {
  return { name: "dvc status", once: () => timed(() => dvc.run(root, "status")) };
}
