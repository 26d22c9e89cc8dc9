import type { OperationId } from "../../src-core/contract/index.ts";

/** Operations that aren't recorded, and why. */
export const leftOut: Readonly<Partial<Record<OperationId, string>>> = {
  "environment.list": "tells of the machine, not of a project",
  "environment.add": "makes a Python environment, which takes minutes and the network",
  "environment.remove": "removes what other projects of the machine use",
  "environment.collect": "tells of the machine, not of a project",
  "environment.check": "tells of the machine, not of a project",
  "operations.cancel": "what it finds depends on how fast the operation was",
};
