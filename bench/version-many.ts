import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import { listOutputs } from "../src-core/areas/versioning/dvc/outputs.ts";
import { initDvc } from "../src-core/areas/versioning/init-dvc.ts";
import { addOutput } from "../src-core/areas/versioning/outputs/add.ts";
import { statusOf } from "../src-core/areas/versioning/outputs/status.ts";
import { openRepository } from "../src-core/areas/versioning/repository.ts";
import { openRealDvc, type RealDvc } from "../test/support/real-dvc.ts";
import {
  atMost,
  type BenchLine,
  type BenchOptions,
  type BenchResult,
  type Contestant,
  interleaved,
  type Runner,
  shownOnly,
  timed,
} from "./bench.ts";

const fullSize = 50_000;
const folders = 50;

/**
 * Puts 50,000 small files under DVC, and checks them again unchanged, against the real `dvc`. `--rows` sets
 * another number of files. Creating files takes the disk's file system longer than either program, so adding is
 * also measured in memory, if there is such a file system.
 */
export async function run({ repeats, log, trial }: BenchOptions): Promise<BenchResult> {
  const files = trial?.rows ?? fullSize;
  const size = `${files.toLocaleString("en")} small files`;
  const dvc = await openRealDvc();
  const onDisk = await inFolder(os.tmpdir(), async (base) => {
    const { adds, ours, theirs } = await measureAdd({ base, files, dvc, repeats, log });
    return [
      ...addLines(`version ${size}`, adds),
      atMost({
        what: `status of ${size}, unchanged`,
        ...pair(await interleaved([status(ours), realStatus(dvc, theirs)], repeats)),
        bar: 0.05,
      }),
    ];
  });
  const inMemory = hasMemoryFolder()
    ? await inFolder(memoryFolder, async (base) =>
        addLines(
          `version ${size}, all in memory (${memoryFolder})`,
          (await measureAdd({ base, files, dvc, repeats, log })).adds,
        ),
      )
    : [];
  return {
    lines: [...onDisk, ...inMemory],
    notes: [
      "dvc runs as a process; ours is timed inside one. Ours flushes every object to the disk; dvc flushes none.",
      ...(inMemory.length === 0
        ? [`Not measured in memory: ${memoryFolder} doesn't exist, is too small or is the same file system.`]
        : []),
    ],
  };
}

const memoryFolder = "/dev/shm";

/** Both repositories, and the files that every repeat moves aside, take some 7 GB. */
function hasMemoryFolder(): boolean {
  if (!existsSync(memoryFolder) || os.tmpdir().startsWith(memoryFolder)) return false;
  const { bavail, bsize } = statfsSync(memoryFolder);
  return bavail * bsize > 8e9;
}

async function inFolder<T>(parent: string, work: (base: string) => Promise<T>): Promise<T> {
  const base = mkdtempSync(path.join(parent, "bench-version-many-"));
  // Users run bundled JavaScript: without this, every thread would strip types first.
  process.env.NODE_COMPILE_CACHE = path.join(base, "compiled");
  try {
    return await work(base);
  } finally {
    rmSync(base, { recursive: true, force: true });
  }
}

async function measureAdd(it: {
  readonly base: string;
  readonly files: number;
  readonly dvc: RealDvc;
  readonly repeats: number;
  readonly log: (line: string) => void;
}): Promise<{ readonly adds: readonly Contestant[]; readonly ours: string; readonly theirs: string }> {
  const { base, files, dvc, repeats, log } = it;
  log(`writing ${files} files twice to ${base}`);
  const ours = makeRepository(path.join(base, "ours"), files);
  const theirs = makeRepository(path.join(base, "theirs"), files);
  execFileSync("sync", ["-f", base]);
  return { adds: await interleaved([add(ours), realAdd(dvc, theirs), plainCopy(ours)], repeats), ours, theirs };
}

function addLines(what: string, adds: readonly Contestant[]): readonly BenchLine[] {
  const [own, , floor] = adds;
  if (!own || !floor) throw new Error("A contestant wasn't measured.");
  return [
    atMost({ what, ...pair(adds), bar: 0.1 }),
    shownOnly({ what: "the same against the file system alone", own, peer: floor }),
  ];
}

function pair([own, peer]: readonly Contestant[]): { readonly own: Contestant; readonly peer: Contestant } {
  if (!own || !peer) throw new Error("A contestant wasn't measured.");
  return { own, peer };
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
 * Moves aside what a run wrote. Deleting it would slow down the next run of either side many times: ext4 skips
 * each inode deleted in the last seconds whenever it searches for a free one.
 */
function forget(root: string): void {
  const aside = mkdtempSync(path.join(path.dirname(root), "aside-"));
  for (const name of [".dvc/cache", ".dvc/tmp", "files.dvc", ".signalbox", ".gitignore"])
    if (existsSync(path.join(root, name))) renameSync(path.join(root, name), path.join(aside, path.basename(name)));
  execFileSync("sync", ["-f", root]);
}

/** Lets the threads of the last run end, as they would with their process. */
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

/** Creates and flushes as many files with the stock tool. The repository stays unchanged, as its status is measured afterwards. */
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
