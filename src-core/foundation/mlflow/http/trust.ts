import { readFileSync } from "node:fs";
import { createSecureContext, getCACertificates, type SecureContext } from "node:tls";

type Variables = Readonly<Record<string, string | undefined>>;

/** Which https servers a client trusts, as options of its agent. */
export interface Trust {
  readonly secureContext?: SecureContext;
  readonly rejectUnauthorized?: boolean;
}

/**
 * Reads NODE_EXTRA_CA_CERTS and NODE_TLS_REJECT_UNAUTHORIZED from a caller's environment. Node itself applies those that its process was
 * started with, which in the supervisor are nobody's.
 */
export function trustOf(env: Variables): Trust {
  const extra = readCertificates(env.NODE_EXTRA_CA_CERTS);
  return {
    ...(extra === undefined ? {} : { secureContext: createSecureContext({ ca: [...getCACertificates(), extra] }) }),
    rejectUnauthorized: env.NODE_TLS_REJECT_UNAUTHORIZED !== "0",
  };
}

/** As in Node, a file that can't be read adds nothing: the server's certificate is refused then. */
function readCertificates(file: string | undefined): string | undefined {
  if (!file) return undefined;
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
