import {
  addedData,
  fetchedData,
  restoredData,
  sentData,
  versionedData,
} from "../../src-view/project/versioned-data.ts";
import { paintSections } from "../paint-sections.ts";
import type { Views } from "../view.ts";

export const dataViews: Views = {
  "data.status": (output, screen) => paintSections(versionedData(output), screen),
  "data.add": (output, screen) => paintSections(addedData(output), screen),
  "data.checkout": ({ outputs }, screen) => paintSections(restoredData(outputs), screen),
  "data.push": (output, screen) => paintSections(sentData(output), screen),
  "data.pull": (output, screen) => paintSections(fetchedData(output), screen),
};
