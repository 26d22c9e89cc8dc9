import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import Database from "better-sqlite3";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";
import {
  archiveFile,
  factsFile,
  readArchive,
  readMachine,
  writeArchive,
  writeRecorded,
} from "../test/support/recorded/recorded-files.ts";
import { observeRecordedProject } from "../test/support/recorded/recorded-observations.ts";
import {
  endProcesses,
  recordedPlace,
  recordedProject,
  takeRecordedPlace,
  unpackIntoPlace,
} from "../test/support/recorded/recorded-place.ts";
import { makeRecordedProject } from "../test/support/recorded/recorded-story.ts";

/**
 * node scripts/record-project.ts
 *
 * Rewrites fixtures/recorded/ with this checkout's command line: the archive of a project that a later version must be able to
 * continue, and a JSON file of what this version shows for it. test/e2e/recorded-project.test.ts compares later versions with that.
 * So run this to record another version, never to make that test pass.
 */
async function record(): Promise<void> {
  const release = await takeRecordedPlace();
  try {
    const story = await makeRecordedProject();
    await endProcesses(recordedProject);
    for (const name of ["catalogue.sqlite", "mlflow/mlflow.db"])
      checkpoint(path.join(recordedProject, ".signalbox", name));
    for (const name of ["supervisor.log", "mlflow/server.log", "mlflow/lock"])
      rmSync(path.join(recordedProject, ".signalbox", name), { force: true });
    refuseTraces();
    mkdirSync(path.dirname(archiveFile), { recursive: true });
    writeArchive(pack());
    rmSync(recordedProject, { recursive: true });
    unpackIntoPlace(readArchive());
    const recorded = { ...versionOf(), machine: await readMachine(), story };
    writeRecorded({ ...recorded, observed: await observeRecordedProject(story) });
    process.stdout.write(`${archiveFile}\n${factsFile}\n`);
  } finally {
    await release();
  }
}

/** The version in this checkout's package.json, and the last commit to the product. */
function versionOf(): { readonly version: string; readonly commit: string } {
  const { version } = JSON.parse(readFileSync(path.join(appRoot, "package.json"), "utf8"));
  const product = ["src-core", "src-cli", "workers", "trainer"];
  const git = spawnSync("git", ["-C", appRoot, "log", "-1", "--format=%h", "--", ...product], { encoding: "utf8" });
  return { version, commit: git.stdout.trim() };
}

/** Moves what a killed process left in SQLite's log into the database. */
function checkpoint(file: string): void {
  const database = new Database(file);
  try {
    database.pragma("wal_checkpoint(TRUNCATE)");
    database.exec("VACUUM");
  } finally {
    database.close();
  }
  if (existsSync(`${file}-wal`)) throw new Error(`${file} is still in use.`);
}

/** Checks that nothing of this checkout, this machine and its user gets into the recording. */
function refuseTraces(): void {
  // A shorter word, or a common one, occurs in any file.
  const words = [appRoot, path.dirname(appRoot), os.homedir(), os.hostname(), os.userInfo().username];
  for (const word of words.filter((it) => it.length > 4)) {
    const found = spawnSync("grep", ["-rlaF", word, recordedProject], { encoding: "utf8" });
    if (found.stdout !== "") throw new Error(`"${word}" occurs in the recorded project:\n${found.stdout}`);
  }
}

/** Packs the project as a tar file: the same bytes for the same files (GNU tar). */
function pack(): Buffer {
  const same = ["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--mtime=@1704067200"];
  const packed = spawnSync("tar", [...same, "-C", recordedPlace, "-cf", "-", path.basename(recordedProject)], {
    maxBuffer: 2 ** 30,
  });
  if (packed.status !== 0) throw new Error(`tar: ${String(packed.stderr)}`);
  return packed.stdout;
}

await record();
