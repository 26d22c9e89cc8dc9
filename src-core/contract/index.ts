import { configsOperations } from "./configs.ts";
import { environmentOperations } from "./environment.ts";
import { evaluationOperations } from "./evaluation.ts";
import { ledgerOperations } from "./ledger.ts";
import { lineageOperations } from "./lineage.ts";
import type { InputOf, OutputOf } from "./operation.ts";
import { operationsOperations } from "./operations.ts";
import { outboxOperations } from "./outbox.ts";
import { projectsOperations } from "./projects.ts";
import { promotionOperations } from "./promotion.ts";
import { routingOperations } from "./routing.ts";
import { runsOperations } from "./runs.ts";
import { splitsOperations } from "./splits.ts";
import { trackingOperations } from "./tracking.ts";
import { versioningOperations } from "./versioning.ts";

/** All operations of Signalbox. The command line, RPC and help are derived from this table. */
export const operations = {
  ...projectsOperations,
  ...configsOperations,
  ...environmentOperations,
  ...splitsOperations,
  ...versioningOperations,
  ...operationsOperations,
  ...trackingOperations,
  ...outboxOperations,
  ...runsOperations,
  ...evaluationOperations,
  ...promotionOperations,
  ...ledgerOperations,
  ...lineageOperations,
  ...routingOperations,
} as const;

export type Operations = typeof operations;
export type OperationId = keyof Operations & string;
export type OperationInput<Id extends OperationId> = InputOf<Operations[Id]>;
export type OperationOutput<Id extends OperationId> = OutputOf<Operations[Id]>;
