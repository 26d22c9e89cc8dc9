import { nextStep } from "../../contract/build-step.ts";
import { configKinds, kindsOfRun, type VersionFields, versionKeyOf } from "../../contract/configs/config-kinds.ts";
import { AppError } from "../../contract/errors.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { splitsOperations } from "../../contract/splits.ts";
import type { SplitsCore } from "./needs.ts";

export function splitsOps(core: SplitsCore): Implementations<typeof splitsOperations> {
  return {
    "splits.show": async ({ version }) => {
      const { readManifest } = await import("./manifest.ts");
      const { splitPaths } = await import("./split-paths.ts");
      const { countReferenceReads } = await import("./reference/reference-reads.ts");
      const { reportOf } = await import("./report.ts");
      const project = core.project();
      const shown = version ?? (await core.configs.resolve({})).split.version;
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
      const settings = kindsOfRun.flatMap((kind) => {
        const version = given[configKinds[kind].field];
        return version === undefined ? [] : [[versionKeyOf(kind), String(version)] as const];
      });
      const configs = await core.configs.resolve(Object.fromEntries(settings));
      const manifest = await trySplit(core, { project, configs, signal, report, place: core.place, node: core.node });
      return reportOf(manifest, countReferenceReads(project.paths, manifest.reference.sha256));
    },
  };
}
