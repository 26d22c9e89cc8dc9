import { addedEnvironment, environments, freedSpace, machineChecks } from "../../src-view/project/environments.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const environmentViews: Views = {
  "environment.list": (output, screen) => paintSections(environments(output, screen.now), screen),
  "environment.add": (output, screen) => paintSections(addedEnvironment(output), screen),
  "environment.remove": (output, screen) => paintSections(freedSpace(output, "signalbox env remove … --yes"), screen),
  "environment.collect": (output, screen) => paintSections(freedSpace(output, "signalbox gc --yes"), screen),
  "environment.check": (output, screen) => paintSections(machineChecks(output), screen),
};
