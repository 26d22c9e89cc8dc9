import { randomBytes } from "node:crypto";

/** Draws the id of a project: 128 random bits in hexadecimal digits. */
export function drawId(): string {
  return randomBytes(16).toString("hex");
}
