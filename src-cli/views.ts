import type { OperationId } from "../src-core/contract/index.ts";
import { generalView } from "./general-view.ts";
import type { Screen } from "./screen.ts";
import type { View, Views } from "./view.ts";

/** The views by the first word of the operation's id. They are loaded when one of its operations is shown. */
const viewFiles: Readonly<Record<string, () => Promise<Views>>> = {
  configs: async () => (await import("./views/configs.ts")).configsViews,
  data: async () => (await import("./views/data.ts")).dataViews,
  environment: async () => (await import("./views/environment.ts")).environmentViews,
  evaluation: async () => (await import("./views/evaluation.ts")).evaluationViews,
  operations: async () => (await import("./views/operations.ts")).operationsViews,
  ledger: async () => (await import("./views/ledger.ts")).ledgerViews,
  lineage: async () => (await import("./views/lineage.ts")).lineageViews,
  mlflow: async () => (await import("./views/mlflow.ts")).mlflowViews,
  models: async () => (await import("./views/models.ts")).modelsViews,
  outbox: async () => (await import("./views/outbox.ts")).outboxViews,
  projects: async () => (await import("./views/projects.ts")).projectsViews,
  promotion: async () => (await import("./views/promotion.ts")).promotionViews,
  routing: async () => (await import("./views/routing.ts")).routingViews,
  runs: async () => (await import("./views/runs.ts")).runsViews,
  splits: async () => (await import("./views/splits.ts")).splitsViews,
};

export async function renderOutput(operation: OperationId, output: unknown, screen: Screen): Promise<string> {
  const area = operation.split(".")[0] ?? "";
  const views = (await viewFiles[area]?.()) ?? {};
  // A view takes the output of its operation, but with a dynamic key the compiler can't check that.
  const view = views[operation] as View<never> | undefined;
  if (view === undefined) return generalView(output, screen);
  return await view(output as never, screen, (inner, value) => renderOutput(inner, value, screen));
}
