import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import wabt from "wabt";
import { appRoot } from "../src-core/foundation/files/entry-points.ts";

/** Makes resources/draw-kernel.wasm of its text. The result is checked in: a computer that only runs Signalbox has no assembler. */

const kernelText = path.join(appRoot, "resources", "draw-kernel.wat");
export const kernelFile = path.join(appRoot, "resources", "draw-kernel.wasm");

/** @throws where the text is no valid module, with the line */
export async function assembleKernel(): Promise<Uint8Array> {
  const assembler = await wabt();
  // As bytes: a string's characters would each be taken for one.
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
