import path from "node:path";
import { configKinds } from "../../contract/configs/config-kinds.ts";
import type { configsOperations } from "../../contract/configs.ts";
import type { Implementations } from "../../contract/operation.ts";
import type { Core } from "../../foundation/context.ts";
import { readText } from "../../foundation/files/durable.ts";

export function configsOps(core: Pick<Core, "catalogue" | "project">): Implementations<typeof configsOperations> {
  return {
    "configs.list": async ({ kind }) => {
      const { listVersions, repairs } = await import("./listing.ts");
      const project = core.project();
      const versions = listVersions(project, core.catalogue(), kind);
      return { versions: [...versions], actions: [...repairs(project, core.catalogue(), versions)] };
    },
    "configs.show": async ({ kind, version }) => {
      const { listVersions } = await import("./listing.ts");
      const { readVersion } = await import("./read-version.ts");
      const { loadActive } = await import("./project.ts");
      const project = core.project();
      const requested = version ?? loadActive(project.paths).value[configKinds[kind].key];
      const { file, value } = readVersion(project, kind, requested);
      const listed = listVersions(project, core.catalogue(), kind).find((one) => one.version === requested);
      if (!listed) throw new Error(`${file} was deleted while it was read`);
      return { ...listed, text: readText(path.join(project.paths.root, file)), value: { ...value } };
    },
    "configs.diff": async ({ kind, from, to }) => {
      const { readVersion } = await import("./read-version.ts");
      const { diffValues } = await import("./diff.ts");
      const project = core.project();
      const changes = diffValues(readVersion(project, kind, from).value, readVersion(project, kind, to).value);
      return { kind, from, to, changes: [...changes] };
    },
  };
}
