import type { SplitReport } from "../../src-core/contract/splits.ts";
import { splitReport } from "../../src-view/project/split-report.ts";
import { paintSections } from "../paint-sections.ts";
import type { Screen } from "../screen.ts";
import type { Views } from "../view.ts";

const report = (output: SplitReport, screen: Screen) => paintSections(splitReport(output), screen);

export const splitsViews: Views = { "splits.show": report, "splits.check": report };
