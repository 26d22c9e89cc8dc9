/** What is known of the recording: which operations there are, which the scenario calls, which have a file, which need none. */
export interface Recording {
  readonly operations: readonly string[];
  readonly called: ReadonlySet<string>;
  /** Names of the files in fixtures/outputs. */
  readonly files: readonly string[];
  readonly leftOut: Readonly<Record<string, string>>;
}

const scenario = "scripts/recorded-outputs/scenario.ts";
const exceptions = "scripts/recorded-outputs/left-out.ts";
const record = "run `node scripts/record-outputs.ts`";

/** Says what keeps the recorded outputs from including every operation, each with the next step. Records nothing itself. */
export function recordingGaps({ operations, called, files, leftOut }: Recording): readonly string[] {
  const recorded = new Set(files.map(operationIdOf));
  return [
    ...operations.flatMap((id) => {
      const isExcepted = Object.hasOwn(leftOut, id);
      if (isExcepted && !called.has(id) && !recorded.has(id)) return [];
      if (isExcepted) return [`${id} is recorded, so remove it from ${exceptions}.`];
      if (!called.has(id))
        return [`${id} isn't recorded: call it in ${scenario}, then ${record}; or give a reason in ${exceptions}.`];
      return recorded.has(id) ? [] : [`${id} has no file in fixtures/outputs: ${record}.`];
    }),
    ...[...recorded]
      .filter((id) => !operations.includes(id))
      .map((id) => `fixtures/outputs has a file of ${id}, which is no operation: ${record}.`),
  ];
}

/** `runs.start.dry-run.json` is a case of `runs.start`. */
export function operationIdOf(name: string): string {
  return name.split(".").slice(0, 2).join(".");
}
