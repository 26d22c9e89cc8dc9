import type { LockWish } from "./operation.ts";

/** What long operations keep from each other. Everything that has no lock in common may run at the same time. */

/** The data files of the project: whoever puts others in their place waits for whoever reads them, and the other way round. */
export const dataAlone = (): readonly LockWish[] => [{ name: "data" }];
export const dataRead = (): readonly LockWish[] => [{ name: "data", isShared: true }];

/** The candidate table, the routing plan, the training plan and its queue: one at a time. */
export const routingAlone = (): readonly LockWish[] => [{ name: "routing" }, ...dataRead()];
