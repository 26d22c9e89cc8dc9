import { spawn } from "node:child_process";

type Variables = Readonly<Record<string, string | undefined>>;

/** Returns the program that opens an address; undefined if there is no display. */
export function browserCommand(env: Variables, platform: NodeJS.Platform): string | undefined {
  if (platform === "darwin") return "open";
  return env.DISPLAY || env.WAYLAND_DISPLAY ? "xdg-open" : undefined;
}

/** Opens an address in the browser. Returns whether the browser was started. */
export async function openInBrowser(url: string, env: Variables, platform = process.platform): Promise<boolean> {
  const command = browserCommand(env, platform);
  if (command === undefined) return false;
  return await new Promise((resolve) => {
    const child = spawn(command, [url], { detached: true, stdio: "ignore", env: { ...env } });
    child.once("error", () => resolve(false));
    child.once("spawn", () => {
      child.unref();
      resolve(true);
    });
  });
}
