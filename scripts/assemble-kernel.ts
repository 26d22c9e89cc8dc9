import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";

/** Assembles resources/draw-kernel.wasm from its text. The result is checked in: a machine that only runs Signalbox has no assembler. */

const kernelText = path.join(appRoot, "resources", "draw-kernel.wat");
export const kernelFile = path.join(appRoot, "resources", "draw-kernel.wasm");

/** @throws if the text isn't a valid module, with the line */
export async function assembleKernel(): Promise<Uint8Array> {
  const assembler = await wabt();
  // As bytes: otherwise each character of the string would be written as one byte.
  const text = new TextEncoder().encode(readFileSync(kernelText, "utf8"));
  const module = assembler.parseWat(path.basename(kernelText), text, { simd: true });
  try {
    module.validate();
    return module.toBinary({}).buffer;
  } finally {
    module.destroy();
  }
}

if (process.argv[1] !== undefined && path.resolve(process.argv[1]) === fileURLToPath(import.meta.url))
  writeFileSync(kernelFile, await assembleKernel());
