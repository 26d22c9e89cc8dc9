import type { ServerNames, Tracking } from "../../../foundation/context.ts";
import { actorOf } from "../../../foundation/exec/caller/actor.ts";
import type { MlflowRun } from "../../../foundation/mlflow/http/schemas.ts";
import { claimedByTag, projectIdTag, projectNameTag } from "../../../foundation/mlflow/project-tags.ts";
import type { OwnershipCore } from "../needs.ts";
import { type NamedThings, ownerOf, refuseForeign, refuseForeignNames, type Tags } from "./names.ts";

/**
 * Names are taken before something is written under them. A new experiment or model is created together with its tags, and names are unique
 * on a server, so that of two projects at once exactly one gets it. MLflow can't compare and set a tag: of two that take the same unmarked
 * name at once the last one has it, and the other one notices when it checks again, before it registers a model.
 */

/** @throws projects/foreign, ledger/other-head */
export async function checkNames(
  core: OwnershipCore,
  tracking: Tracking,
  names: readonly ServerNames[],
): Promise<readonly NamedThings[]> {
  const check = { client: tracking.client, id: core.project().config.id, entries: core.ledger.read };
  // Asked for at the same time, and reported after a foreign name, which is the greater obstacle.
  const head = core.ledger.checkServer(tracking);
  head.catch(() => undefined);
  const found: NamedThings[] = [];
  for (const one of names) found.push(await refuseForeignNames(check, one));
  await head;
  return found;
}

/** @throws projects/foreign */
export function checkRun(
  core: OwnershipCore,
  { client }: Tracking,
  { runId, tags }: Pick<MlflowRun, "runId" | "tags">,
): void {
  refuseForeign({ uri: client.uri, id: core.project().config.id }, `The run ${runId.slice(0, 8)}`, tags);
}

/** Takes the experiment and returns its id. @throws projects/foreign, ledger/other-head */
export async function claimExperiment(
  core: OwnershipCore,
  tracking: Tracking,
  names: ServerNames & { readonly experiment: string },
): Promise<string> {
  await checkNames(core, tracking, [names]);
  const { client } = tracking;
  const own = tagsOf(core);
  const { experimentId, tags } = await client.ensureExperiment(names.experiment, own);
  await take(core, tracking, {
    thing: `The experiment '${names.experiment}'`,
    tags,
    mark: async () => {
      await client.setExperimentTags(experimentId, own);
      return (await client.getExperiment(experimentId)).tags;
    },
  });
  return experimentId;
}

/** Takes the registered model. @throws projects/foreign, ledger/other-head */
export async function claimModel(
  core: OwnershipCore,
  tracking: Tracking,
  names: ServerNames & { readonly registeredModel: string },
): Promise<void> {
  const [found] = await checkNames(core, tracking, [names]);
  if (ownerOf(found?.model?.tags) !== undefined) return;
  const { client } = tracking;
  const { registeredModel: name } = names;
  const own = tagsOf(core);
  const tagsNow = async () => (await client.getRegisteredModel(name))?.tags ?? {};
  await client.ensureRegisteredModel(name, own);
  await take(core, tracking, {
    thing: `The registered model '${name}'`,
    tags: await tagsNow(),
    mark: async () => {
      await client.setRegisteredModelTags(name, own);
      return await tagsNow();
    },
  });
}

/** Marks it if nobody has, and refuses it if another project was faster. */
async function take(
  core: OwnershipCore,
  { client }: Tracking,
  it: { readonly thing: string; readonly tags: Tags; readonly mark: () => Promise<Tags> },
): Promise<void> {
  const tags = ownerOf(it.tags) === undefined ? await it.mark() : it.tags;
  refuseForeign({ uri: client.uri, id: core.project().config.id }, it.thing, tags);
}

function tagsOf(core: OwnershipCore): Tags {
  const { config } = core.project();
  return { [claimedByTag]: actorOf(core), [projectNameTag]: config.name, [projectIdTag]: config.id };
}
