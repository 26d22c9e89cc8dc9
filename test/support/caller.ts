import type { Caller } from "../../src-core/foundation/exec/caller/caller-environment.ts";

/** Who requested what a test puts into the table of operations. */
export const someCaller: Caller = { actor: "ada@workstation", space: "", settings: {} };
