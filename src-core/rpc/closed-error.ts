import { nextStep } from "../contract/build-step.ts";
import { AppError } from "../contract/errors.ts";

export function closedError(): AppError {
  return new AppError({
    code: "rpc/closed",
    message: "The connection to the core was closed.",
    hint: "Start the command again; a long operation continues in the background.",
    next: [nextStep("operations.list", {}, "shows the long operations")],
  });
}
