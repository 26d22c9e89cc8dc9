import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { AppError } from "../../../contract/errors.ts";
import { nearest } from "../../../contract/nearest.ts";
import { appRoot } from "../../../foundation/files/entry-points.ts";
import { copyFile, filesBelow } from "./place-project.ts";

const samples = path.join(appRoot, "fixtures", "samples");

/** Names of the sample projects that come with Signalbox. */
function sampleNames(folder: string = samples): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder).filter((name) => existsSync(path.join(folder, name, "signalbox.yaml")));
}

/**
 * Copies a sample's files.
 * @throws projects/invalid naming the samples that exist
 */
export function copySample(name: string, to: string, folder: string = samples): void {
  const names = sampleNames(folder);
  if (!names.includes(name)) {
    const near = nearest(name, names);
    throw new AppError({
      code: "projects/invalid",
      message: `There is no sample \`${name}\`${near === undefined ? "" : ` — did you mean \`${near}\`?`}`,
      hint: `Samples: ${names.join(", ") || "none in this installation"}.`,
      details: { sample: name, nearest: near, samples: names },
    });
  }
  const from = path.join(folder, name);
  for (const file of filesBelow(from)) copyFile(path.join(from, file), path.join(to, file));
}
