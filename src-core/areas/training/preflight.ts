import { existsSync } from "node:fs";
import { counted, formatBytes } from "../../../src-view/numbers.ts";
import { askingStep, nextStep } from "../../contract/build-step.ts";
import { AppError } from "../../contract/errors.ts";
import type { SplitResult } from "../../contract/runs/stage-results.ts";
import { fileDigest } from "../../foundation/files/digest.ts";
import { freeBytes } from "../../foundation/files/free-space.ts";

/** Least free disk before a training: models, predictions, logs and the upload's copy. */
const leastFreeDiskBytes = 200_000_000;
/** A decoded table of numbers and short texts takes about this much memory per byte of compressed Parquet. */
const memoryPerParquetByte = 12;
/** Interpreter and libraries before the first row is read. */
const baseMemoryBytes = 400_000_000;

/** Memory that training on a side is expected to take, in bytes; an upper estimate, with its basis in the message. */
function estimateMemoryBytes(sideBytes: number): number {
  return baseMemoryBytes + memoryPerParquetByte * sideBytes;
}

export interface PreflightFacts {
  readonly projectDir: string;
  readonly train: SplitResult["train"];
  /** Absolute path of the train side. */
  readonly trainFile: string;
  /** What the project's executor may use, in bytes, or what is free where it runs. */
  readonly memoryBytes: number;
}

/**
 * What must hold before a training starts, checked where it is cheap to find out.
 * @throws training/preflight, training/not-enough-memory, files/disk-full
 */
export function preflight(facts: PreflightFacts): void {
  if (!existsSync(facts.trainFile) || fileDigest(facts.trainFile) !== facts.train.sha256) {
    throw new AppError({
      code: "training/preflight",
      message: `${facts.train.path} is missing or no longer what the split stage wrote.`,
      next: [
        nextStep("data.status", {}, "shows what brings it back"),
        askingStep("runs.stage", { input: { name: "split", force: true }, asks: ["run"] }, "rebuilds it"),
      ],
      details: { file: facts.train.path, expected: facts.train.sha256 },
    });
  }
  const free = freeBytes(facts.projectDir);
  if (free < leastFreeDiskBytes) {
    throw new AppError({
      code: "files/disk-full",
      message: `${facts.projectDir} has ${formatBytes(free)} free; training needs ${formatBytes(leastFreeDiskBytes)}.`,
      next: [nextStep("environment.collect", {}, "shows what it can free")],
      details: { freeBytes: free, neededBytes: leastFreeDiskBytes },
    });
  }
  const available = facts.memoryBytes;
  const needed = estimateMemoryBytes(facts.train.sizeBytes);
  if (needed > available) {
    throw new AppError({
      code: "training/not-enough-memory",
      message: `Training on ${counted(facts.train.rows, "row")} is estimated to take ${gib(needed)} GiB (${memoryPerParquetByte} × the compressed side + libraries); ${gib(available)} GiB are free.`,
      hint: "Close other programs, use a smaller split, or set executors.local.memory_gib in signalbox.yaml if you know better.",
      details: { neededBytes: needed, availableBytes: available },
    });
  }
}

const gib = (bytes: number): string => (bytes / 2 ** 30).toFixed(1);
