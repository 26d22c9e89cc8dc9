import { didYouMean } from "../../../foundation/text/did-you-mean.ts";
import type { Problem } from "../read/problems.ts";
import { checkParams } from "./check-params.ts";
import { type ConfigSet, Findings } from "./findings.ts";
import { modelTypes, needsSeed, ownModelPattern } from "./model-types.ts";

/** Checks the model schema against the task, and its parameters against the estimator's own. */
export function checkModel({ model, project }: ConfigSet): readonly Problem[] {
  const findings = new Findings(model);
  const { type, params } = model.value.model;
  const names = Object.keys(modelTypes);
  const path = ["model", "type"];
  if (type.startsWith("python:")) {
    if (!ownModelPattern.test(type)) {
      findings.add(path, `\`${type}\` doesn't name a factory`, {
        code: "configs/invalid-value",
        hint: "Write python:<module>:<factory>, with the module inside the project.",
      });
    }
    return findings.problems;
  }
  const known = Object.hasOwn(modelTypes, type) ? modelTypes[type] : undefined;
  if (!known) {
    findings.add(path, `\`${type}\` isn't a model type${didYouMean(type, names)}`, {
      code: "configs/invalid-value",
      hint: `Model types: ${names.join(", ")}, or python:<module>:<factory>.`,
    });
    return findings.problems;
  }
  const { task } = project.value;
  if (!known.tasks.includes(task)) {
    const suitable = names.filter((name) => modelTypes[name]?.tasks.includes(task));
    findings.add(path, `\`${type}\` doesn't support ${task}, the task in signalbox.yaml`, {
      hint: `For ${task}: ${suitable.join(", ")}.`,
    });
  }
  if (needsSeed(known, params) && model.value.seed === undefined) {
    findings.add([], `\`${type}\` draws random numbers, and \`seed\` is missing`, { hint: "Add `seed: 42`." });
  }
  checkParams(findings, { type, task, params, path: ["model", "params"] });
  return findings.problems;
}
