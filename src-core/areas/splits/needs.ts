import type { ConfigKind } from "../../contract/configs/config-kinds.ts";
import type { ResolvedConfigs } from "../../contract/configs/resolved.ts";
import type { SplitResult } from "../../contract/runs/stage-results.ts";
import type { Project } from "../../foundation/context.ts";
import type { FrozenReference } from "../configs/freeze/frozen.ts";

/** What the split needs of other areas. */
export interface SplitStageNeeds {
  /** Restores a missing reference test from the DVC cache; false if it isn't there. */
  readonly restoreReference: (project: Project, file: string) => Promise<boolean>;
  /** What `configs/frozen.json` records of a split version's reference test. */
  readonly frozenReference: (project: Project, splitVersion: number) => FrozenReference | null;
  /** Records a new one there, in one write transaction of the catalogue. */
  readonly recordReference: (project: Project, splitVersion: number, reference: FrozenReference) => void;
  /**
   * Makes the split's files while nobody else reads or makes them; undefined where somebody else made them meanwhile, perhaps, and they are to
   * be looked at again. Absent where nobody else can be at work.
   */
  readonly makeAlone?: (make: () => Promise<SplitResult>) => Promise<SplitResult | undefined>;
}

export interface SplitsNeeds extends SplitStageNeeds {
  readonly resolveConfigs: (
    project: Project,
    versions: Readonly<Partial<Record<`${ConfigKind}_version`, number>>>,
  ) => ResolvedConfigs;
}
