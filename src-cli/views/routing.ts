import type { OperationOutput } from "../../src-core/contract/index.ts";
import { assessment } from "../../src-view/routing/assessment.ts";
import { checkedPolicy, policy } from "../../src-view/routing/policy.ts";
import { whatIf } from "../../src-view/routing/routes.ts";
import { training, trainingQueue, wholeRouting } from "../../src-view/routing/training.ts";
import { checkedPlan, importedLayout, planChanges, trainingPlan } from "../../src-view/routing/training-plan.ts";
import { paintSections } from "../paint-sections.ts";
import type { Screen } from "../screen.ts";
import { parts } from "../text.ts";
import type { Views } from "../view.ts";
import { explainView, routesView } from "./route-matrix.ts";

const planView = (output: OperationOutput<"routing.planShow">, screen: Screen) =>
  paintSections(trainingPlan(output), screen);

export const routingViews: Views = {
  "routing.assess": (output, screen) => paintSections(assessment(output), screen),
  "routing.configShow": (output, screen) => paintSections(policy(output), screen),
  "routing.configCheck": (output, screen) => paintSections(checkedPolicy(output), screen),
  "routing.build": routesView,
  "routing.show": routesView,
  "routing.explain": explainView,
  "routing.whatIf": (output, screen) => paintSections(whatIf(output), screen),
  "routing.planBuild": planView,
  "routing.planShow": planView,
  "routing.planDiff": (output, screen) => paintSections(planChanges(output), screen),
  "routing.planCheck": (output, screen) => paintSections(checkedPlan(output), screen),
  "routing.import": (output, screen) => paintSections(importedLayout(output), screen),
  "routing.train": (output, screen) => paintSections(training(output), screen),
  "routing.queue": (output, screen) => paintSections(trainingQueue(output), screen),
  "routing.run": async (output, screen, render) =>
    parts(paintSections(wholeRouting(output), screen), await render("routing.train", output.training)),
};
