import type { OperationId, Operations } from "../contract/index.ts";
import type { Implementations, OperationTable } from "../contract/operation.ts";
import type { Core, Tracking } from "../foundation/context.ts";
import type { WiredCore } from "./offers.ts";

/** What an area declares and how it does it. */
export interface Area<Table extends OperationTable = OperationTable> {
  readonly operations: Table;
  readonly implementations: Implementations<Table>;
}

/** The first word of an operation's id: `runs` of `runs.start`. */
type FirstWord<Id extends string> = Id extends `${infer First}.${string}` ? First : never;
type OperationsOf<First extends string> = {
  readonly [Id in OperationId as FirstWord<Id> extends First ? Id : never]: Operations[Id];
};

export interface AreaParts {
  readonly core: WiredCore;
  /** A core for another folder: what a repetition works with. */
  readonly coreAt: (
    core: Pick<Core, "env" | "clock" | "node">,
    projectDir: string,
    tracking: Tracking,
  ) => { readonly core: WiredCore; readonly close: () => Promise<void> };
}

/**
 * Every area by the first word of its operations, loaded when one of them is requested: a command builds the schemas of its
 * own area only. That an operation has no loader or no implementation is a compile error.
 */
export const areas: {
  readonly [First in FirstWord<OperationId>]: (parts: AreaParts) => Promise<Area<OperationsOf<First>>>;
} = {
  configs: async ({ core }) => {
    const [{ configsOperations }, { configsOps }] = await Promise.all([
      import("../contract/configs.ts"),
      import("../areas/configs/ops.ts"),
    ]);
    return { operations: configsOperations, implementations: configsOps(core) };
  },
  data: async ({ core }) => {
    const [{ versioningOperations }, { versioningOps }] = await Promise.all([
      import("../contract/versioning.ts"),
      import("../areas/versioning/ops.ts"),
    ]);
    return { operations: versioningOperations, implementations: versioningOps(core) };
  },
  environment: async ({ core }) => {
    const [{ environmentOperations }, { environmentOps }] = await Promise.all([
      import("../contract/environment.ts"),
      import("../areas/environment/ops.ts"),
    ]);
    return { operations: environmentOperations, implementations: environmentOps(core) };
  },
  evaluation: async ({ core }) => {
    const [{ evaluationOperations }, { evaluationOps }] = await Promise.all([
      import("../contract/evaluation.ts"),
      import("../areas/evaluation/ops.ts"),
    ]);
    return { operations: evaluationOperations, implementations: evaluationOps(core) };
  },
  operations: async ({ core }) => {
    const [{ operationsOperations }, { operationsOps }, { lineTo }] = await Promise.all([
      import("../contract/operations.ts"),
      import("../areas/operations/ops.ts"),
      import("./supervisor/credentials.ts"),
    ]);
    return { operations: operationsOperations, implementations: operationsOps(core, lineTo(core)) };
  },
  ledger: async ({ core }) => {
    const [{ ledgerOperations }, { ledgerOps }] = await Promise.all([
      import("../contract/ledger.ts"),
      import("../areas/ledger/ops.ts"),
    ]);
    return { operations: ledgerOperations, implementations: ledgerOps(core) };
  },
  lineage: async ({ core }) => {
    const [{ lineageOperations }, { lineageOps }] = await Promise.all([
      import("../contract/lineage.ts"),
      import("../areas/lineage/ops.ts"),
    ]);
    return { operations: lineageOperations, implementations: lineageOps(core) };
  },
  mlflow: tracking,
  models: tracking,
  outbox: async ({ core }) => {
    const [{ outboxOperations }, { outboxOps }, { outboxNeeds }] = await Promise.all([
      import("../contract/outbox.ts"),
      import("../areas/outbox/ops.ts"),
      import("./outbox-needs.ts"),
    ]);
    return { operations: outboxOperations, implementations: outboxOps(core, outboxNeeds(core)) };
  },
  projects: async ({ core }) => {
    const [{ projectsOperations }, { projectsOps }, { proveProject }] = await Promise.all([
      import("../contract/projects.ts"),
      import("../areas/projects/ops.ts"),
      import("./prove-project.ts"),
    ]);
    const loadInitDvc = async () => (await import("../areas/versioning/init-dvc.ts")).initDvc;
    return { operations: projectsOperations, implementations: projectsOps(core, { loadInitDvc, proveProject }) };
  },
  promotion: async ({ core }) => {
    const [{ promotionOperations }, { promotionOps }] = await Promise.all([
      import("../contract/promotion.ts"),
      import("../areas/promotion/ops.ts"),
    ]);
    return { operations: promotionOperations, implementations: promotionOps(core) };
  },
  routing: async ({ core }) => {
    const [{ routingOperations }, { routingOps }, { routingNeeds }] = await Promise.all([
      import("../contract/routing.ts"),
      import("../areas/routing/ops.ts"),
      import("./routing-needs.ts"),
    ]);
    return { operations: routingOperations, implementations: routingOps(core, routingNeeds(core)) };
  },
  runs: async ({ core, coreAt }) => {
    const [{ runsOperations }, { runsOps }, { pipelineStages, reproduceParts }] = await Promise.all([
      import("../contract/runs.ts"),
      import("../areas/runs/ops.ts"),
      import("./pipelines.ts"),
    ]);
    return {
      operations: runsOperations,
      implementations: runsOps(core, pipelineStages, { ...reproduceParts, coreAt }),
    };
  },
  splits: async ({ core }) => {
    const [{ splitsOperations }, { splitsOps }] = await Promise.all([
      import("../contract/splits.ts"),
      import("../areas/splits/ops.ts"),
    ]);
    return { operations: splitsOperations, implementations: splitsOps(core) };
  },
};

async function tracking({ core }: AreaParts) {
  const [{ trackingOperations }, { trackingOps }] = await Promise.all([
    import("../contract/tracking.ts"),
    import("../areas/tracking/ops.ts"),
  ]);
  return { operations: trackingOperations, implementations: trackingOps(core) };
}
