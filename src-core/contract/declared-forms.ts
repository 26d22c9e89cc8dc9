import type { CommandForm } from "./command-text.ts";
import { operations } from "./index.ts";

/** The form of a declared operation's command. Loads every schema: not for what must start fast. */
export function declaredForm(operation: string): CommandForm | undefined {
  return Object.entries(operations).find(([id]) => id === operation)?.[1].cli;
}
