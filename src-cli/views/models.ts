import { models, modelVersions, registeredModel, verifiedModel } from "../../src-view/records/model-versions.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const modelsViews: Views = {
  "models.register": (output, screen) => paintSections(registeredModel(output), screen),
  "models.list": (output, screen) => paintSections(models(output), screen),
  "models.show": (output, screen) => paintSections(modelVersions(output, screen.now), screen),
  "models.verify": (output, screen) => paintSections(verifiedModel(output), screen),
};
