import * as z from "zod";

/** Input of operations that understand a value as a path or a name, or that speak of paths: filled by the face, offered to nobody. */
export const workingFolder = z.string().optional().describe("Folder where the person is; absolute.");
