import type { environmentOperations } from "../../contract/environment.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import type { DoctorCore } from "./doctor/examination.ts";

export function environmentOps(
  core: Pick<Core, "catalogue" | "clock" | "env" | "home" | "node" | "project" | "projectDir"> & DoctorCore,
): Implementations<typeof environmentOperations> {
  return {
    "environment.list": async () => {
      const { environmentsFolder } = await import("./build/ensure.ts");
      const { listEnvironments } = await import("./collect/inventory.ts");
      const { trainerFolder } = await import("./build/locks.ts");
      return { folder: environmentsFolder(core.home), environments: [...listEnvironments(core.home, trainerFolder)] };
    },
    "environment.add": async ({ group }, context) => {
      const { ensurePythonEnvironment, findReadyEnvironment } = await import("./build/ensure.ts");
      const { report, signal } = context;
      const need = { home: core.home, env: core.env, groups: [group], mayAddGroups: true, report, signal };
      const there = findReadyEnvironment(need);
      const { digest, python } = there ?? (await ensurePythonEnvironment(need));
      return { digest, python, groups: [group], wasThere: there !== undefined };
    },
    "environment.remove": async (input) => {
      const { removeEnvironments } = await import("./collect/remove.ts");
      return removeEnvironments(core, input);
    },
    "environment.collect": async (input) => {
      const { collectSpace } = await import("./collect/collect.ts");
      return collectSpace(core, input);
    },
    "environment.check": async (_input, context) => {
      const { checkEverything } = await import("./doctor/doctor.ts");
      return checkEverything(core, context.signal);
    },
  };
}
