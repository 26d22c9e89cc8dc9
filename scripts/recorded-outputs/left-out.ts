import type { OperationId } from "../../src-core/contract/index.ts";

/** Operations that aren't recorded, and why. */
export const leftOut: Readonly<Partial<Record<OperationId, string>>> = {
  "environment.list": "describes the machine, not a project",
  "environment.add": "builds a Python environment, which takes minutes and needs the network",
  "environment.remove": "removes an environment that other projects use",
  "environment.collect": "describes the machine, not a project",
  "environment.check": "describes the machine, not a project",
  "jobs.cancel": "its output depends on how fast the operation was",
};
