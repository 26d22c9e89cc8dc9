import { spawn, spawnSync } from "node:child_process";
import { hash } from "node:crypto";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { filesOf, versionedProject } from "../../../../test/support/versioned-project.ts";
import { listOutputs } from "../dvc/outputs.ts";
import { addOutput } from "../outputs/add.ts";
import { versionTargets } from "../outputs/version-targets.ts";
import { openRepository } from "../repository.ts";

const child = path.resolve(import.meta.dirname, "../../../../test/support/version-child.ts");
const targets = {
  master: ["data/master.parquet", "data/images"],
  split: "data/splits/v1",
  reference: "data/reference/tests/v1/test_reference.parquet",
  isReferenceNew: true,
};

/** Starts the child and kills it -9 some time after it began; resolves when it has ended. */
function runAndKill(root: string, afterMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const process = spawn(globalThis.process.execPath, [child, root], { stdio: ["ignore", "pipe", "ignore"] });
    process.stdout.once("data", () => setTimeout(() => process.kill("SIGKILL"), afterMs));
    process.on("exit", (_code, signal) => resolve(signal === "SIGKILL"));
  });
}

/** No file under a final name may hold anything but its content. */
function brokenFiles(root: string): readonly string[] {
  return Object.entries(filesOf(root)).flatMap(([file, fact]) => {
    const object = /^\.dvc\/cache\/files\/md5\/([0-9a-f]{2})\/([0-9a-f]{30})(\.dir)?$/.exec(file);
    if (object) return fact === `444 ${object[1]}${object[2]}` ? [] : [file];
    return file.endsWith(".dvc") && !readFileSync(path.join(root, file), "utf8").endsWith("\n") ? [file] : [];
  });
}

describe("versioning that is killed -9", () => {
  const seed = Number(process.env.SIGNALBOX_TEST_SEED ?? Date.now() % 100_000);
  it(`at random points leaves nothing unfinished under a final name, and a rerun gives the same bytes (seed ${seed})`, async () => {
    console.info(`versioning kill test: SIGNALBOX_TEST_SEED=${seed}`);
    const whole = versionedProject("kill-whole");
    await versionTargets(whole, targets);
    const expected = filesOf(whole);
    for (let round = 0; round < 5; round += 1) {
      const root = versionedProject("kill");
      const afterMs = Number.parseInt(hash("md5", `${seed}/${round}`).slice(0, 6), 16) % 150;
      await runAndKill(root, afterMs);
      expect(brokenFiles(root)).toEqual([]);
      await versionTargets(root, targets);
      expect(filesOf(root)).toEqual(expected);
    }
  });
});

describe("a second run", () => {
  it("changes nothing and reports the same", async () => {
    const root = versionedProject("again");
    const first = await versionTargets(root, targets);
    const before = filesOf(root);
    expect(await versionTargets(root, { ...targets, isReferenceNew: false })).toEqual(first);
    expect(filesOf(root)).toEqual(before);
  });

  it("that meets a changed reference test stops and records nothing", async () => {
    const root = versionedProject("reference");
    await versionTargets(root, targets);
    writeFileSync(path.join(root, targets.reference), "changed");
    const before = filesOf(root);
    await expect(versionTargets(root, { ...targets, isReferenceNew: false })).rejects.toMatchObject({
      code: "splits/reference-changed",
    });
    expect(filesOf(root)).toEqual(before);
  });

  it("replaces an object whose mode isn't 0444 and whose bytes are wrong, and keeps one whose bytes are right", async () => {
    const root = versionedProject("damaged");
    await versionTargets(root, targets);
    const before = filesOf(root);
    const objects = Object.keys(before).filter((file) => file.includes("files/md5/"));
    for (const [index, object] of objects.entries()) {
      chmodSync(path.join(root, object), 0o644);
      if (index % 2 === 0) writeFileSync(path.join(root, object), "damaged");
    }
    rmSync(path.join(root, ".signalbox"), { recursive: true });
    await versionTargets(root, targets);
    expect(filesOf(root)).toEqual(before);
  });
});

describe("adding is refused, with nothing written,", () => {
  const refused = async (root: string, target: string) => {
    const repository = openRepository(root);
    const before = filesOf(root);
    const failure = await addOutput(repository, target, { outputs: listOutputs(repository) }).catch((error) => error);
    expect(filesOf(root)).toEqual(before);
    return failure as { code: string; message: string; next: readonly object[] };
  };

  it("for a file that git tracks", async () => {
    const root = versionedProject("tracked");
    spawnSync("git", ["-C", root, "add", "data/master.parquet"]);
    const failure = await refused(root, "data/master.parquet");
    expect(failure).toMatchObject({ code: "versioning/tracked-by-git" });
    expect(failure.next[0]).toMatchObject({
      program: "git",
      argv: ["-C", root, "rm", "-r", "--cached", "data/master.parquet"],
    });
  });

  it("if git ignores the project's folder", async () => {
    const root = versionedProject("ignored");
    writeFileSync(path.join(root, ".gitignore"), "/inner/\n");
    cpSync(path.join(root, ".dvc"), path.join(root, "inner/.dvc"), { recursive: true });
    writeFileSync(path.join(root, "inner/x"), "x");
    expect(await refused(path.join(root, "inner"), "x")).toMatchObject({ code: "versioning/inside-ignored" });
  });

  it("if git would ignore the .dvc file", async () => {
    const root = versionedProject("ignored-file");
    writeFileSync(path.join(root, ".gitignore"), "data/\n");
    expect(await refused(root, "data/master.parquet")).toMatchObject({ code: "versioning/inside-ignored" });
  });

  it("if it overlaps what is already versioned, either way round", async () => {
    const root = versionedProject("overlap");
    await addOutput(openRepository(root), "data/splits/v1", { outputs: [] });
    expect(await refused(root, "data")).toMatchObject({ code: "versioning/overlap" });
    expect(await refused(root, "data/splits/v1/train.parquet")).toMatchObject({ code: "versioning/overlap" });
  });

  it("for a path that doesn't exist", async () => {
    expect(await refused(versionedProject("missing"), "data/none")).toMatchObject({ code: "files/not-found" });
  });
});

/** A file system with a size of its own, or the reason why there is none. */
function smallDisk(sizeKib: number): { readonly folder: string; readonly release: () => void } | string {
  const folder = mkdtempSync(path.join(os.tmpdir(), "small-disk-"));
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", `size=${sizeKib}k`, "tmpfs", folder], { encoding: "utf8" });
  if (mounted.status !== 0) return mounted.stderr?.trim() || "mount is not available";
  return { folder, release: () => spawnSync("umount", [folder]) };
}

describe("a cache whose disk is full", () => {
  it("gives files/disk-full, leaves no object half-written, and works again when there is room", async ({
    annotate,
  }) => {
    const disk = smallDisk(3_000);
    if (typeof disk === "string") {
      console.warn(`NOT TESTED: a full disk needs a small tmpfs, which can't be mounted here: ${disk}`);
      await annotate(`not tested: ${disk}`, "warning");
      return;
    }
    try {
      const root = versionedProject("full");
      writeFileSync(path.join(root, ".dvc/config"), `[cache]\n    dir = ${disk.folder}\n`);
      const failure = await versionTargets(root, targets).catch((error) => error);
      expect(failure).toMatchObject({ code: "files/disk-full" });
      expect(Object.keys(filesOf(disk.folder))).toEqual([]);
      expect(existsSync(path.join(root, "data/master.parquet.dvc"))).toBe(false);
      writeFileSync(path.join(root, ".dvc/config"), "");
      await versionTargets(root, targets);
      expect(brokenFiles(root)).toEqual([]);
    } finally {
      disk.release();
    }
  });
});

describe("a cache that isn't writable", () => {
  it("gives files/no-permission and leaves nothing", () => {
    const root = versionedProject("denied");
    mkdirSync(path.join(root, ".dvc/cache"));
    const isRoot = process.getuid?.() === 0;
    // Root can write anywhere: the child gives up root after it has loaded what it needs from a checkout that only root can read.
    const program = `
      const { addOutput } = await import(${JSON.stringify(path.resolve(import.meta.dirname, "../outputs/add.ts"))});
      const { openRepository } = await import(${JSON.stringify(path.resolve(import.meta.dirname, "../repository.ts"))});
      ${isRoot ? 'process.setgroups([]); process.setgid("nogroup"); process.setuid("nobody");' : ""}
      process.env.GIT_CONFIG_COUNT = "1";
      const repository = { ...openRepository(${JSON.stringify(root)}), gitRoot: null, stateDir: null };
      await addOutput(repository, "data/master.parquet", { outputs: [] }).catch((error) => console.log(error.code));`;
    chmodSync(path.join(root, ".dvc/cache"), 0o555);
    chmodSync(root, 0o755);
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", program], {
      encoding: "utf8",
    });
    expect(stdout.trim(), stderr).toBe("files/no-permission");
    expect(Object.keys(filesOf(path.join(root, ".dvc/cache")))).toEqual([]);
  });
});
