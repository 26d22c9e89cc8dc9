import { nextStep } from "../../../contract/build-step.ts";
import { AppError } from "../../../contract/errors.ts";
import type { LedgerEntry } from "../../../contract/ledger.ts";
import type { ServerNames } from "../../../foundation/context.ts";
import type { MlflowClient } from "../../../foundation/mlflow/client.ts";
import { usable } from "../../../foundation/mlflow/experiments.ts";
import type { MlflowExperiment, MlflowRegisteredModel } from "../../../foundation/mlflow/http/schemas.ts";
import { claimedByTag, projectIdTag, projectNameTag } from "../../../foundation/mlflow/project-tags.ts";
import { productionAlias, productionOf } from "../../../foundation/mlflow/registry/registry-promotion.ts";

/** Whose an experiment, a registered model or a run is, by its tags. */

export interface NameCheck {
  readonly client: MlflowClient;
  /** The project's id. */
  readonly id: string;
  readonly entries: () => Promise<readonly LedgerEntry[]>;
}

export interface NamedThings {
  readonly experiment: MlflowExperiment | undefined;
  readonly model: MlflowRegisteredModel | undefined;
}

export type Tags = Readonly<Record<string, string>>;

/** The id of the project that marked it; undefined if none did. */
export function ownerOf(tags: Tags | undefined): string | undefined {
  return tags?.[projectIdTag] || undefined;
}

/** What the server has under these names, whoever's. */
export async function findNamed(client: MlflowClient, names: ServerNames): Promise<NamedThings> {
  const { experiment: experimentName, registeredModel: modelName } = names;
  const [experiment, model] = await Promise.all([
    experimentName === undefined ? undefined : client.findExperiment(experimentName),
    modelName === undefined ? undefined : client.getRegisteredModel(modelName),
  ]);
  return { experiment, model };
}

/**
 * Reads what the server has under these names. An unmarked model is taken only if its production is in the ledger, because a decision here
 * would replace it; so is an unmarked experiment beside it.
 * @throws projects/foreign; tracking/rejected for an experiment that was deleted
 */
export async function refuseForeignNames(check: NameCheck, names: ServerNames): Promise<NamedThings> {
  const { client, id } = check;
  const { experiment, model } = await findNamed(client, names);
  if (experiment !== undefined) {
    refuseForeign({ uri: client.uri, id }, `The experiment '${experiment.name}'`, experiment.tags);
    usable(experiment);
  }
  if (model === undefined) return { experiment, model };
  refuseForeign({ uri: client.uri, id }, `The registered model '${model.name}'`, model.tags);
  if (ownerOf(model.tags) === undefined) await refuseUnknownProduction(check, model.name);
  return { experiment, model };
}

/**
 * @param thing for the message: "The experiment 'shops_training'"
 * @throws projects/foreign if another project marked it
 */
export function refuseForeign(
  { uri, id }: { readonly uri: string; readonly id: string },
  thing: string,
  tags: Tags,
): void {
  const owner = ownerOf(tags);
  if (owner === undefined || owner === id) return;
  const [name, by] = [tags[projectNameTag], tags[claimedByTag]];
  const whose = `${name === undefined ? "" : `'${name}', `}id ${owner.slice(0, 8)}${by === undefined ? "" : `, first used by ${by}`}`;
  throw new AppError({
    code: "projects/foreign",
    message: `${thing} on ${uri} belongs to another project (${whose}); this one has the id ${id.slice(0, 8)}. Nothing was written.`,
    hint: `${otherNames} If this folder is that project and lost its id, write \`id: "${owner}"\` there.`,
    next: [ownNames],
    details: { uri, owner, ownerName: name ?? null, claimedBy: by ?? null, id },
  });
}

async function refuseUnknownProduction({ client, entries, id }: NameCheck, modelName: string): Promise<void> {
  const production = await productionOf({ client, modelName });
  if (production === null) return;
  const isOurs = (await entries()).some(({ body }) => body.modelName === modelName && body.runId === production.runId);
  if (isOurs) return;
  throw new AppError({
    code: "projects/foreign",
    message: `The registered model '${modelName}' on ${client.uri} isn't this project's: its ${productionAlias} is version ${production.version} (run ${production.runId.slice(0, 8) || "unknown"}), which no entry of the ledger is about. Nothing was written.`,
    hint: otherNames,
    next: [ownNames],
    details: { uri: client.uri, owner: null, modelName, version: production.version, runId: production.runId, id },
  });
}

const otherNames =
  "Take other names: change `name` in signalbox.yaml, and `tracking.experiment` and `tracking.registered_model` where they are set.";
const ownNames = nextStep("projects.fork", {}, "gives this project an id and names of its own");
