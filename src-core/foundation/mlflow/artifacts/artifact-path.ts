import { AppError } from "../../../contract/errors.ts";

function refused(path: string, reason: string): AppError {
  return new AppError({
    code: "tracking/rejected",
    message: `The artifact path '${path}' is refused: ${reason}.`,
    hint: "A server that sends such paths is misconfigured or hostile. Nothing was written.",
    details: { path },
  });
}

/**
 * Normalises a relative POSIX path; "" is the root. Refuses everything that could leave its folder: `..`, absolute paths, drive letters,
 * backslashes, control characters.
 */
export function safeArtifactPath(path: string): string {
  if (path === "" || path === ".") return "";
  if (path.startsWith("/")) throw refused(path, "it is absolute");
  if (path.includes("\\")) throw refused(path, "it contains a backslash");
  if (/\p{Cc}/u.test(path)) throw refused(path, "it contains control characters");
  if (/^[A-Za-z]:/.test(path)) throw refused(path, "it has a drive letter");
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) throw refused(path, "it leaves its folder");
  return parts.join("/");
}

export function joinArtifactPath(...parts: readonly string[]): string {
  return safeArtifactPath(parts.filter((part) => part !== "").join("/"));
}
