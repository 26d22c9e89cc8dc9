import type { CommandForm } from "./command-text.ts";
import { operations } from "./index.ts";

/** Finds the form of an operation's command. Loads every schema, so commands that must start fast don't import this. */
export function declaredForm(operation: string): CommandForm | undefined {
  return Object.entries(operations).find(([id]) => id === operation)?.[1].cli;
}
