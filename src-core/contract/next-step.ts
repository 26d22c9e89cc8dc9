/** What the user can do next, as data. Each face shows it in its own way (a command, a button, a key). */
export type NextStep = OperationStep | ProgramStep;

/** An operation of Signalbox. Build it with `nextStep`, which checks operation and input against the declaration. */
export interface OperationStep {
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** Keys of the input that only the user can fill in. */
  readonly asks?: readonly string[];
  /** Its effect, as the end of a sentence that begins with the step: "shows what it can free". */
  readonly why: string;
  /**
   * Set if the error is a question that this step answers with yes: `instead` replaces the original call, `first` runs before the
   * original call is repeated.
   */
  readonly answers?: "instead" | "first";
}

/** Another program, such as git or the shell's cd. */
export interface ProgramStep {
  readonly program: string;
  readonly argv: readonly string[];
  readonly why: string;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.every((it) => typeof it === "string");

/** Checks whether a value that crossed a boundary is a step. */
export function isNextStep(value: unknown): value is NextStep {
  if (!isRecord(value) || typeof value.why !== "string") return false;
  if (typeof value.program === "string") return isTexts(value.argv);
  return (
    typeof value.operation === "string" &&
    isRecord(value.input) &&
    (value.asks === undefined || isTexts(value.asks)) &&
    (value.answers === undefined || value.answers === "instead" || value.answers === "first")
  );
}
