import { AppError, cancelled, decodeError, toAppError } from "../contract/errors.ts";
import type { OperationId, OperationInput, OperationOutput } from "../contract/index.ts";
import { type CallListeners, type PendingCall, pendingCalls } from "./calls.ts";
import { closedError } from "./closed-error.ts";
import { type Connect, openConnection } from "./connection.ts";
import { readCoreMessage, Unreadable } from "./read-message.ts";
import { type Subscribing, type Subscription, subscriptionTable } from "./subscriptions.ts";
import type { Answer, Hello } from "./wire.ts";

export interface CallOptions extends CallListeners {
  /** Its abort cancels the call, a long operation with it. To leave one alone, close the client or start it detached. */
  readonly signal?: AbortSignal;
  /** Another project's folder than the client's own. */
  readonly project?: string;
}

export interface OperationAnswer<Id extends OperationId> extends Answer {
  readonly output: OperationOutput<Id>;
}

/** How every face reaches the core. What is rejected is always an AppError. */
export interface Client {
  /** Runs an operation; a long one is followed to its end, over lost connections too. */
  call<Id extends OperationId>(
    operation: Id,
    input: OperationInput<Id>,
    options?: CallOptions,
  ): Promise<OperationOutput<Id>>;
  /** The same, with what a program ends with. */
  request<Id extends OperationId>(
    operation: Id,
    input: OperationInput<Id>,
    options?: CallOptions,
  ): Promise<OperationAnswer<Id>>;
  /** Queues a long operation and returns its id. */
  start<Id extends OperationId>(
    operation: Id,
    input: OperationInput<Id>,
    options?: Pick<CallOptions, "project">,
  ): Promise<string>;
  /** Follows a long operation by its id to its own answer. Its abort cancels the operation. */
  follow(operation: string, options?: CallOptions): Promise<Answer>;
  /** A stream of bytes and questions under a name, beside the operations. */
  open(channel: string, input: unknown, options?: CallOptions): Promise<unknown>;
  /** Tells of changes in a project from now on, and after a lost connection of those in between. */
  subscribe(subscribing: Subscribing): Subscription;
  /** Reconnects at once: the network is back, a person looks. */
  wake(): void;
  /** Hangs up. Started operations continue; pending calls are rejected. */
  close(): void;
}

export interface ClientOptions {
  readonly build?: string;
  /** Folder that calls are about which name no other. */
  readonly project?: string;
  /** The other end's first words, at every connection. */
  readonly onHello?: (hello: Hello) => void;
  /** The other end couldn't take a message, of no call that is known. */
  readonly onRefusal?: (error: AppError) => void;
}

export function createClient(connect: Connect, options: ClientOptions = {}): Client {
  const calls = pendingCalls();
  let nextId = 1;
  let isClosed = false;
  const connection = openConnection(connect, options.build ?? "", {
    onMessage: take,
    onReconnect: () => {
      for (const message of [...calls.resumed(), ...subscriptions.resumed()]) connection.send(message);
    },
    onUnsent: (message, error) => {
      if ("id" in message) calls.fail(message.id, toAppError(error));
    },
    onLost: (isFinal) => {
      isClosed ||= isFinal;
      calls.lose(isFinal);
    },
  });
  const subscriptions = subscriptionTable((message) => connection.send(message));

  function take(value: unknown) {
    const message = readCoreMessage(value);
    // The core is trusted: what is no message of ours comes from a newer one and concerns no call of this face.
    if (message instanceof Unreadable) return;
    switch (message.kind) {
      case "hello":
        return options.onHello?.(message);
      case "event":
        return subscriptions.take(message.id, message.event);
      case "refusal": {
        const error = decodeError(message.error);
        if (message.id === null || !calls.fail(message.id, error)) options.onRefusal?.(error);
        return;
      }
      default:
        return calls.take(message, (reply) => connection.send(reply));
    }
  }

  const begin = (
    messageOf: (id: number) => PendingCall["message"],
    { signal, ...listeners }: Omit<CallOptions, "project">,
  ): Promise<Answer> => {
    if (isClosed) return Promise.reject(closedError());
    if (signal?.aborted) return Promise.reject(cancelled());
    const id = nextId++;
    const message = messageOf(id);
    const answer = calls.add(message, listeners);
    const cancel = () => {
      calls.cancel(id);
      connection.send({ kind: "cancel", id });
    };
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      if (!connection.send(message)) calls.fail(id, closedError());
      else
        listeners.onOpen?.({
          send: (bytes) => void connection.send({ kind: "frame", id, bytes }),
        });
    } catch (error) {
      calls.fail(id, toAppError(error));
    }
    return answer.finally(() => signal?.removeEventListener("abort", cancel));
  };
  const projectOf = (project: string | undefined) => project ?? options.project ?? "";
  const ask = (operation: string, input: unknown, { project, ...more }: CallOptions = {}) =>
    begin((id) => ({ kind: "request", id, project: projectOf(project), operation, input }), more);

  const client: Client = {
    call: async (operation, input, more) => (await client.request(operation, input, more)).output,
    // The output's type follows from the operation's id: the core parsed it with that operation's schema.
    request: async (operation, input, more) => (await ask(operation, input, more)) as OperationAnswer<typeof operation>,
    open: async (channel, input, more) => (await ask(channel, input, more)).output,
    start: async (operation, input, { project } = {}) => {
      const request = { kind: "request", project: projectOf(project), operation, input, isDetached: true } as const;
      const { operation: queued } = await begin((id) => ({ ...request, id }), {});
      if (queued === undefined)
        throw new AppError({ code: "rpc/malformed", message: `${operation} was started, but its id is missing.` });
      return queued;
    },
    follow: async (operation, { project, ...more } = {}) =>
      await begin((id) => ({ kind: "follow", id, project: projectOf(project), operation, after: 0 }), more),
    subscribe: (subscribing) =>
      subscriptions.add(nextId++, { ...subscribing, project: projectOf(subscribing.project) }),
    wake: () => connection.wake(),
    close: () => connection.close(),
  };
  return client;
}
