import { AppError } from "../../contract/errors.ts";
import type { Core } from "../../foundation/context.ts";
import { areCredentialsOf } from "../../foundation/exec/caller/credentials-digest.ts";
import { getOperation, noteCredentials, type StoredOperation } from "./operation-store.ts";

type Values = Readonly<Record<string, string>>;

/** The credentials of the unfinished operations, in the supervisor's memory and nowhere else. */
export interface HeldCredentials {
  /**
   * Keeps those of an operation until it has ended.
   * @throws operations/not-found; operations/other-credentials where it wasn't started with these
   */
  readonly take: (core: Pick<Core, "catalogue">, id: string, credentials: Values) => Promise<void>;
  /** Those of an operation, none for one that was started without; undefined where it needs some that aren't here. */
  readonly of: (row: Pick<StoredOperation, "id" | "credentials">) => Values | undefined;
  readonly forget: (id: string) => void;
  /** Forgets those of all others. */
  readonly keepOnly: (ids: ReadonlySet<string>) => void;
}

const none: Values = {};

export function holdCredentials(): HeldCredentials {
  const held = new Map<string, Values>();
  return {
    take: async (core, named, credentials) => {
      const { id, credentials: known } = getOperation(core.catalogue(), named);
      if (known === null || !(await areCredentialsOf(known, credentials))) throw otherCredentials(id);
      held.set(id, credentials);
      noteCredentials(core.catalogue(), id);
    },
    of: ({ id, credentials }) => (credentials === null ? none : held.get(id)),
    forget: (id) => void held.delete(id),
    keepOnly: (ids) => {
      for (const id of held.keys()) if (!ids.has(id)) held.delete(id);
    },
  };
}

function otherCredentials(id: string): AppError {
  return new AppError({
    code: "operations/other-credentials",
    message: `Operation ${id} wasn't started with these credentials.`,
    details: { id },
  });
}
