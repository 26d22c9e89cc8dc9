import os from "node:os";
import path from "node:path";

/** The user's data folder, by the rule of src-core/foundation/files/paths.ts, which old Nodes can't import; a test compares the two. */
export function dataHome(env = process.env, platform = process.platform) {
  if (env.SIGNALBOX_HOME) return path.resolve(env.SIGNALBOX_HOME);
  const home = env.HOME ?? ownHome();
  if (platform === "darwin") return path.join(home, "Library", "Application Support", "signalbox");
  return path.join(env.XDG_DATA_HOME || path.join(home, ".local", "share"), "signalbox");
}

/** A user without an entry in the system's list has no home: what is built is then kept in the temporary folder. */
function ownHome() {
  try {
    return os.homedir();
  } catch {
    return path.join(os.tmpdir(), `signalbox-home-${process.getuid?.() ?? 0}`);
  }
}
