import * as z from "zod";
import type { HeldCredentials } from "../../areas/operations/held-credentials.ts";
import type { OpenLine } from "../../areas/operations/needs.ts";
import type { Core } from "../../foundation/context.ts";
import type { Channel } from "../host/channel.ts";

/** Name of the channel over which a face gives the supervisor an operation's credentials. */
const credentialsChannel = "operations.credentials";

const given = z.object({ operation: z.string(), credentials: z.record(z.string(), z.string()) });

/** The supervisor's end. */
export function credentialChannels(
  held: Pick<HeldCredentials, "take">,
  core: Pick<Core, "catalogue">,
): Readonly<Record<string, Channel>> {
  return {
    [credentialsChannel]: async (input) => {
      const { operation, credentials } = given.parse(input);
      await held.take(core, operation, credentials);
    },
  };
}

/** A face's end. */
export function lineTo(core: Pick<Core, "projectDir" | "env" | "catalogue">): OpenLine {
  return async () => {
    const [{ createClient }, { connectToSupervisor }] = await Promise.all([
      import("../../rpc/client.ts"),
      import("./socket.ts"),
    ]);
    const client = createClient(await connectToSupervisor(core), { project: core.projectDir });
    return {
      give: async (operation, credentials) => {
        await client.open(credentialsChannel, { operation, credentials });
      },
      close: client.close,
    };
  };
}
