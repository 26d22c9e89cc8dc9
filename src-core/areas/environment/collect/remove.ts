import { formatBytes } from "../../../../src-view/numbers.ts";
import { nextStep } from "../../../contract/build-step.ts";
import { parseDurationMs } from "../../../contract/duration.ts";
import { AppError } from "../../../contract/errors.ts";
import type { Core } from "../../../foundation/context.ts";
import { trainerFolder } from "../build/locks.ts";
import { free } from "./free.ts";
import { listEnvironments } from "./inventory.ts";
import { unusedEnvironments } from "./unused.ts";

interface Removal {
  readonly digest?: string | undefined;
  readonly allUnused: boolean;
  readonly olderThan: string;
  readonly yes: boolean;
}

/** @throws environment/not-found, environment/in-use, cli/needs-answer, cli/usage */
export function removeEnvironments(core: Pick<Core, "clock" | "home">, { digest, allUnused, olderThan, yes }: Removal) {
  const environments = listEnvironments(core.home, trainerFolder);
  if (allUnused) {
    const since = core.clock.now().getTime() - parseDurationMs(olderThan);
    return free(unusedEnvironments(environments, since), yes);
  }
  if (digest === undefined)
    throw new AppError({
      code: "cli/usage",
      message: "Which environment? Name one by its digest, or say --all-unused.",
      next: [nextStep("environment.list", {}, "lists the environments")],
    });
  const matching = environments.filter((environment) => environment.digest.startsWith(digest));
  const [environment] = matching;
  if (environment === undefined || matching.length > 1)
    throw new AppError({
      code: "environment/not-found",
      message:
        matching.length > 1
          ? `'${digest}' matches ${matching.length} environments.`
          : `There is no environment '${digest}'.`,
      next: [nextStep("environment.list", {}, "lists the environments")],
      details: { digest, matching: matching.map((it) => it.digest) },
    });
  if (environment.isInUse)
    throw new AppError({
      code: "environment/in-use",
      message: `A process is using the environment ${environment.folder}.`,
      hint: "Wait until it ends, then remove the environment.",
      next: [nextStep("runs.status", {}, "shows what is running")],
      details: { digest: environment.digest },
    });
  if (!yes)
    throw new AppError({
      code: "cli/needs-answer",
      message: `Remove ${environment.folder} (${formatBytes(environment.sizeBytes)})?`,
      next: [
        {
          ...nextStep("environment.remove", { digest: environment.digest, yes: true }, "removes it"),
          answers: "instead",
        },
      ],
      details: { digest: environment.digest },
    });
  return free(
    unusedEnvironments([environment], Number.POSITIVE_INFINITY).map((it) => ({ ...it, mayGo: true })),
    true,
  );
}
