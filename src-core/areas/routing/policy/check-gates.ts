import { AppError } from "../../../contract/errors.ts";
import type { Offers } from "../../../foundation/context.ts";
import type { Target } from "./targets.ts";

/**
 * Reads each target's gate as a run of it would: it must exist, and its metrics must be of the target's task.
 * @throws configs/*, promotion/invalid-gate, with the target that names the gate
 */
export async function checkGates(
  { configs }: { readonly configs: Pick<Offers["configs"], "resolve"> },
  targets: readonly Pick<Target, "name" | "promotion" | "task">[],
): Promise<void> {
  const checked = new Set<string>();
  for (const { name, promotion: file, task } of targets) {
    const gate = `${task} ${file}`;
    if (checked.has(gate)) continue;
    checked.add(gate);
    try {
      await configs.resolve({}, { file, task });
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message, hint, next, details } = error;
      throw new AppError({
        ...{ code, hint, next, details, cause: error },
        message: `The gate of the target '${name}' (${task}) can't be used: ${message}`,
      });
    }
  }
}
