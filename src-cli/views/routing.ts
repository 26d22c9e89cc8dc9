import type { Views } from "../view.ts";
import { assessView, policyCheckView, policyView } from "./routing-evidence.ts";
import { diffView, importView, planCheckView, planView } from "./routing-plan.ts";
import { explainView, routesView, whatIfView } from "./routing-routes.ts";
import { queueView, routingRunView, trainView } from "./routing-train.ts";

export const routingViews: Views = {
  "routing.assess": assessView,
  "routing.configShow": policyView,
  "routing.configCheck": policyCheckView,
  "routing.build": routesView,
  "routing.show": routesView,
  "routing.explain": explainView,
  "routing.whatIf": whatIfView,
  "routing.planBuild": planView,
  "routing.planShow": planView,
  "routing.planDiff": diffView,
  "routing.planCheck": planCheckView,
  "routing.import": importView,
  "routing.train": trainView,
  "routing.queue": queueView,
  "routing.run": routingRunView,
};
