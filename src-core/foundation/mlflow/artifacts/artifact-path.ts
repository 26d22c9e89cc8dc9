import { AppError } from "../../../contract/errors.ts";

function refused(path: string, reason: string): AppError {
  return new AppError({
    code: "tracking/rejected",
    message: `The artifact path '${path}' is refused: ${reason}.`,
    hint: "A server that names such paths is misconfigured or hostile; nothing was written.",
    details: { path },
  });
}

/**
 * A relative POSIX path in its one form, "" for the root. Whatever could leave its folder is refused, whoever named it:
 * `..`, absolute paths, drive letters, backslashes, control characters.
 */
export function safeArtifactPath(path: string): string {
  if (path === "" || path === ".") return "";
  if (path.startsWith("/")) throw refused(path, "it is absolute");
  if (path.includes("\\")) throw refused(path, "it holds a backslash");
  if (/\p{Cc}/u.test(path)) throw refused(path, "it holds control characters");
  if (/^[A-Za-z]:/.test(path)) throw refused(path, "it names a drive");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(path, "it leaves its folder");
  return parts.join("/");
}

export function joinArtifactPath(...parts: readonly string[]): string {
  return safeArtifactPath(parts.filter((part) => part !== "").join("/"));
}
