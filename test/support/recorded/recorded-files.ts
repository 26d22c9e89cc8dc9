import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { ensurePythonEnvironment } from "../../../src-core/areas/environment/build/ensure.ts";
import { appRoot } from "../../../src-core/foundation/files/entry-points.ts";
import { dataHome } from "../../../src-core/foundation/files/paths.ts";
import type { Observed } from "./recorded-observations.ts";
import type { RecordedStory } from "./recorded-story.ts";

/** The two files of a recording: the archive of a project, and what the version that made it showed for it. */

const folder = path.join(appRoot, "fixtures", "recorded");
export const archiveFile: string = path.join(folder, "deliveries.tar.zst");
export const factsFile: string = path.join(folder, "deliveries.json");

/** What the last bits of Python's figures depend on. */
export interface Machine {
  /** Digest of the locks, the Python minor and the platform. */
  readonly lock: string;
  readonly pythonMinor: string;
  /** Widest vector instructions of the processor: numpy and BLAS have other code and other roundings for each. */
  readonly vectors: string;
}

export interface Recorded {
  /** Version of Signalbox. */
  readonly version: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly story: RecordedStory;
  readonly observed: Observed;
}

export async function readMachine(): Promise<Machine> {
  const need = { home: dataHome(process.env), groups: [], env: { ...process.env, SIGNALBOX_PYTHON: undefined } };
  const { digest, pythonMinor } = await ensurePythonEnvironment(need);
  return { lock: digest, pythonMinor, vectors: vectorsOf() };
}

function vectorsOf(): string {
  const flags = existsSync("/proc/cpuinfo") ? /^flags.*$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[0] : undefined;
  if (flags === undefined) return process.arch;
  return ["avx512vl", "avx2", "sse4_2"].find((name) => flags.split(" ").includes(name)) ?? process.arch;
}

export function readRecorded(): Recorded {
  // Only `writeRecorded` writes it.
  return JSON.parse(readFileSync(factsFile, "utf8")) as Recorded;
}

export function writeRecorded(recorded: Recorded): void {
  writeFileSync(factsFile, `${JSON.stringify(recorded, null, 1)}\n`);
}

/** The archive as a plain tar file. */
export function readArchive(): Buffer {
  return zstdDecompressSync(readFileSync(archiveFile));
}

/** With a window as wide as the archive, which contains each model three times. */
export function writeArchive(tar: Buffer): void {
  const params = {
    [constants.ZSTD_c_compressionLevel]: 19,
    [constants.ZSTD_c_windowLog]: 24,
    [constants.ZSTD_c_enableLongDistanceMatching]: 1,
  };
  writeFileSync(archiveFile, zstdCompressSync(tar, { params }));
}
