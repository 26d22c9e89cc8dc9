import { existsSync } from "node:fs";
import path from "node:path";
import * as z from "zod";
import { routingConfigSchema } from "../../../contract/configs/routing-config.ts";
import { sha256 } from "../../../foundation/files/digest.ts";
import type { ProjectPaths } from "../../../foundation/files/paths.ts";
import { canonicalJson } from "../../../foundation/text/canonical-json.ts";
import { problemError } from "../../configs/read/problems.ts";
import type { ReadConfig } from "../../configs/read/read-config.ts";
import { checkRouting, writtenKey } from "./check-routing.ts";
import { defaultPolicy, effectivePolicy, type RoutingPolicy } from "./policy.ts";
import { policyEntries, valueAt } from "./policy-keys.ts";

const routingFile = "configs/routing.yaml";

export interface LoadedPolicy {
  readonly policy: RoutingPolicy;
  /** Where each value comes from, by its dotted key: "configs/routing.yaml:7" or "default". */
  readonly origins: Readonly<Record<string, string>>;
  /** Project-relative; null if the project has no such file and every value is the default. */
  readonly file: string | null;
  /** sha256 of the effective values: a comment, or a default written out, doesn't change it. */
  readonly digest: string;
}

/**
 * The routing policy of a project.
 * @throws configs/syntax, configs/unknown-schema-version, configs/unknown-key, configs/invalid-value, configs/inconsistent
 */
export function loadRoutingPolicy(paths: Pick<ProjectPaths, "root">, readConfig: ReadConfig): LoadedPolicy {
  if (!existsSync(path.join(paths.root, routingFile))) {
    const policy = defaultPolicy();
    return { policy, origins: originsOf(policy, () => "default"), file: null, digest: policyDigest(policy) };
  }
  const file = readConfig(paths.root, routingFile, routingConfigSchema);
  // Once more without defaults: otherwise written values can't be distinguished from filled-in ones.
  const written = readConfig(paths.root, routingFile, z.record(z.string(), z.unknown())).value;
  const problems = checkRouting(file, written);
  if (problems.length > 0) throw problemError(problems, { file: routingFile });
  const policy = effectivePolicy(file.value);
  const origins = originsOf(policy, (key) => {
    const as = writtenKey(written, key);
    return valueAt(written, as) === undefined ? "default" : `${routingFile}:${file.source.placeOf(as.split(".")).line}`;
  });
  return { policy, origins, file: routingFile, digest: policyDigest(policy) };
}

/** Without acceptances, the list isn't part of it, so that a plan doesn't become stale because the list exists. */
function policyDigest({ accept_suspect, ...policy }: RoutingPolicy): string {
  return sha256(canonicalJson(accept_suspect.length === 0 ? policy : { ...policy, accept_suspect }));
}

function originsOf(policy: RoutingPolicy, originOf: (key: string) => string): Readonly<Record<string, string>> {
  return Object.fromEntries(policyEntries(policy).map(([key]) => [key, originOf(key)]));
}
