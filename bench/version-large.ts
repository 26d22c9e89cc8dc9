import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { initDvc } from "../src-core/areas/versioning/init-dvc.ts";
import { addOutput } from "../src-core/areas/versioning/outputs/add.ts";
import { openRepository } from "../src-core/areas/versioning/repository.ts";
import { hashFiles } from "../src-core/foundation/store/hash-pool.ts";
import { atMost, type BenchOptions, type BenchResult, interleaved, type Runner, timed } from "./bench.ts";

const fullSize = 2_000_000_000;

/**
 * Puts a 2 GB file under DVC, against `md5sum`, the same kind of copy or link, and fsync. `--rows` sets another size in
 * bytes.
 */
export async function run({ repeats, log, trial }: BenchOptions): Promise<BenchResult> {
  const sizeBytes = trial?.rows ?? fullSize;
  const size = `${sizeBytes / 1e9} GB`;
  const root = mkdtempSync(path.join(os.tmpdir(), "bench-version-large-"));
  // Users run bundled JavaScript: without this, every thread would strip types first.
  process.env.NODE_COMPILE_CACHE = path.join(root, "compiled");
  try {
    execFileSync("git", ["init", "--quiet", root]);
    initDvc(root, { isNoScm: false });
    log(`writing two files of ${size} to ${root}`);
    const files = ["one.bin", "two.bin"].map((name) => path.join(root, name));
    for (const file of files) writeRandom(file, sizeBytes);
    execFileSync("sync", ["-f", root]);
    const [copied, copyPeer] = await interleaved(
      [own(root, { type: "copy", sizeBytes }), shellPeer(root, "cp --reflink=auto")],
      repeats,
    );
    const [linked, linkPeer] = await interleaved(
      [own(root, { type: "hardlink", sizeBytes }), shellPeer(root, "ln")],
      repeats,
    );
    const [two, one] = await interleaved(
      [hashBoth(files, { workers: 2, sizeBytes }), hashBoth(files, { workers: 1, sizeBytes })],
      repeats,
    );
    if (!copied || !copyPeer || !linked || !linkPeer || !two || !one) throw new Error("A contestant wasn't measured.");
    return {
      lines: [
        atMost({ what: `version one ${size} file, copied`, own: copied, peer: copyPeer, bar: 1.05, stretch: 0.7 }),
        atMost({ what: `version one ${size} file, linked`, own: linked, peer: linkPeer, bar: 1.05 }),
        atMost({ what: `hash two ${size} files`, own: two, peer: one, bar: 1 / 1.7 }),
      ],
      notes: [
        "Our times include the .dvc file, the .gitignore entry and every fsync; page caches are warm on both sides.",
      ],
    };
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}

function writeRandom(file: string, sizeBytes: number): void {
  const piece = randomBytes(1 << 24);
  const handle = openSync(file, "w");
  for (let written = 0; written < sizeBytes; written += piece.length)
    writeSync(handle, piece, 0, Math.min(piece.length, sizeBytes - written));
  closeSync(handle);
}

interface OwnRun {
  readonly type: "copy" | "hardlink";
  readonly sizeBytes: number;
}

function own(root: string, { type, sizeBytes }: OwnRun): Runner {
  return {
    name: `signalbox data add (${type})`,
    once: async () => {
      for (const name of [".dvc/cache", "one.bin.dvc", ".signalbox"])
        rmSync(path.join(root, name), { recursive: true, force: true });
      writeFileSync(path.join(root, ".dvc/config"), `[cache]\n    type = ${type}\n`);
      if (statSync(path.join(root, "one.bin")).size !== sizeBytes) throw new Error("one.bin was damaged");
      return await timed(() => addOutput(openRepository(root), "one.bin", { outputs: [] }));
    },
  };
}

function shellPeer(root: string, command: string): Runner {
  return {
    name: `md5sum + ${command} + fsync`,
    once: async () => {
      const target = path.join(root, "peer");
      rmSync(target, { recursive: true, force: true });
      mkdirSync(target);
      const script = `md5sum one.bin > peer/sum && ${command} one.bin peer/copy && sync peer/copy peer`;
      return await timed(() => execFileSync("sh", ["-c", script], { cwd: root }));
    },
  };
}

function hashBoth(
  files: readonly string[],
  { workers, sizeBytes }: { readonly workers: number; readonly sizeBytes: number },
): Runner {
  return {
    name: `${workers} worker${workers > 1 ? "s" : ""}`,
    once: () =>
      timed(() =>
        hashFiles({ files: files.map((file) => ({ file, sizeBytes })), hashName: "md5", staging: null, workers }),
      ),
  };
}
