import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { featureSchemaSchema } from "../src-core/contract/configs/feature-schema.ts";
import { modelSchemaSchema } from "../src-core/contract/configs/model-schema.ts";
import { taskSchema } from "../src-core/contract/configs/project-config.ts";
import { assessTaskSchema } from "../src-core/contract/trainer/assess-tasks.ts";
import {
  assessSpecSchema,
  checkSpecSchema,
  evaluateSpecSchema,
  inspectSpecSchema,
  jobSchema,
  latencySpecSchema,
  trainSpecSchema,
  workerSpecSchema,
} from "../src-core/contract/trainer/job-specs.ts";
import { trainedContractSchema } from "../src-core/contract/trainer/spec-parts.ts";
import { writeModules } from "./trainer-specs/python-module.ts";

/** Writes the trainer's reader of specifications from the contract; `--check` fails if it is out of date. */

const folder = fileURLToPath(new URL("../trainer/signalbox_trainer/specs/", import.meta.url));

/** The content of each file, by its absolute path. */
export function trainerSpecFiles(): ReadonlyMap<string, string> {
  const modules = writeModules([
    {
      name: "schemas",
      about: "Data contract, feature schema and model schema, as the workbench resolved them.",
      schemas: [taskSchema, trainedContractSchema, featureSchemaSchema, modelSchemaSchema],
    },
    {
      name: "jobs",
      about: "What a job has to do: the specification files of `train`, `evaluate` and `latency`.",
      schemas: [jobSchema, trainSpecSchema, evaluateSpecSchema, latencySpecSchema],
    },
    {
      name: "questions",
      about: "The questions for `check-model` and `inspect`.",
      schemas: [checkSpecSchema, inspectSpecSchema],
    },
    {
      name: "tasks",
      about: "The start parameters of an assessment and its workers, and their tasks.",
      schemas: [workerSpecSchema, assessSpecSchema, assessTaskSchema],
    },
  ]);
  return new Map([...modules].map(([name, text]) => [path.join(folder, `${name}.py`), text]));
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  for (const [file, text] of trainerSpecFiles()) {
    if (!process.argv.includes("--check")) writeFileSync(file, text);
    else if (readFileSync(file, "utf8") !== text) {
      console.error(
        `${path.relative(process.cwd(), file)} is out of date. Run: node scripts/generate-trainer-specs.ts`,
      );
      process.exitCode = 1;
    }
  }
}
