import { spawn } from "node:child_process";

type Variables = Readonly<Record<string, string | undefined>>;

/** The program that opens an address on this desktop; undefined where there is no display to show it on. */
export function browserCommand(env: Variables, platform: NodeJS.Platform): string | undefined {
  if (platform === "darwin") return "open";
  return env.DISPLAY || env.WAYLAND_DISPLAY ? "xdg-open" : undefined;
}

/** True if the browser was asked to open it. */
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
