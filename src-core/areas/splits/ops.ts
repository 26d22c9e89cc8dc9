import { nextStep } from "../../contract/build-step.ts";
import { configKinds, kindsOfRun, type VersionFields, versionKeyOf } from "../../contract/configs/config-kinds.ts";
import { AppError } from "../../contract/errors.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { splitsOperations } from "../../contract/splits.ts";
import type { Core } from "../../foundation/context.ts";
import type { SplitsNeeds } from "./needs.ts";

export function splitsOps(
  core: Pick<Core, "node" | "place" | "project">,
  needs: SplitsNeeds,
): Implementations<typeof splitsOperations> {
  return {
    "splits.show": async ({ version }) => {
      const { readManifest } = await import("./manifest.ts");
      const { splitPaths } = await import("./split-paths.ts");
      const { countReferenceReads } = await import("./reference/reference-reads.ts");
      const { reportOf } = await import("./report.ts");
      const project = core.project();
      const shown = version ?? needs.resolveConfigs(project, {}).split.version;
      const at = splitPaths(project.paths, shown);
      const manifest = readManifest(at.manifest);
      if (manifest === null) {
        throw new AppError({
          code: "splits/not-found",
          message: `There is no split v${shown} yet (${at.names.manifest} doesn't exist).`,
          next: [nextStep("runs.start", {}, "makes it"), nextStep("splits.check", {}, "tries it")],
          details: { splitVersion: shown },
        });
      }
      return reportOf(manifest, countReferenceReads(project.paths, manifest.reference.sha256));
    },

    "splits.check": async (input, { signal, report }) => {
      const { trySplit } = await import("./try-split.ts");
      const { countReferenceReads } = await import("./reference/reference-reads.ts");
      const { reportOf } = await import("./report.ts");
      const project = core.project();
      const given: { readonly [Field in keyof VersionFields]?: number | undefined } = input;
      const requested = kindsOfRun.map((kind) => [versionKeyOf(kind), given[configKinds[kind].field]] as const);
      const configs = needs.resolveConfigs(
        project,
        Object.fromEntries(requested.filter(([, version]) => version !== undefined)),
      );
      const manifest = await trySplit(needs, { project, configs, signal, report, place: core.place, node: core.node });
      return reportOf(manifest, countReferenceReads(project.paths, manifest.reference.sha256));
    },
  };
}
