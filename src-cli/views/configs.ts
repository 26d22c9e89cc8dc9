import { configurationChanges, configurations, oneConfiguration } from "../../src-view/project/configurations.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const configsViews: Views = {
  "configs.list": (output, screen) => paintSections(configurations(output), screen),
  "configs.show": (output, screen) => paintSections(oneConfiguration(output), screen),
  "configs.diff": (output, screen) => paintSections(configurationChanges(output), screen),
};
