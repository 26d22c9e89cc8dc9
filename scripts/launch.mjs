// node scripts/launch.mjs [--setup-only] [SCRIPT ARG…]
// Sets up what is missing (a recent Node, the packages, the bundle), then runs SCRIPT under the right Node.
// Plain JavaScript without packages: it has to run on a bare machine's Node 18 or 20.
import { createHash } from "node:crypto";
import { realpathSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { isBundleCurrent, makeBundle } from "./launch/bundle.mjs";
import { dataHome } from "./launch/home.mjs";
import { alone } from "./launch/lock.mjs";
import { arePackagesCurrent, installPackages } from "./launch/packages.mjs";
import { rightNode } from "./launch/private-node.mjs";
import { handOver } from "./launch/processes.mjs";
import { hintFor, SetupError } from "./launch/report.mjs";

const root = realpathSync(path.join(path.dirname(fileURLToPath(import.meta.url)), ".."));
const home = dataHome();

/** @returns {Promise<string>} the Node to continue with */
async function setUp() {
  if (process.platform === "win32")
    throw new SetupError(
      "Signalbox doesn't run on Windows.",
      "Install WSL (wsl --install), then clone and start Signalbox inside it.",
    );
  const name = createHash("sha256").update(root).digest("hex").slice(0, 16);
  const node = await rightNode(home);
  if (!arePackagesCurrent(root) || !isBundleCurrent(root))
    await alone(path.join(home, "locks", `setup-${name}`), async () => {
      await installPackages(root);
      await makeBundle(root, node);
    });
  return node;
}

/** @param {unknown} error */
function fail(error) {
  const text = error instanceof Error ? error.message : String(error);
  const hint = error instanceof SetupError ? error.hint : hintFor(text, "");
  process.stderr.write(`Set-up failed. ${text}\n${hint === "" ? "" : `What to do: ${hint}\n`}`);
  process.exit(1);
}

const args = process.argv.slice(2);
try {
  const node = await setUp();
  if (args[0] !== "--setup-only") handOver(node, args);
} catch (error) {
  fail(error);
}
