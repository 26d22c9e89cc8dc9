/** Tags by which experiments, registered models and runs of a server say which project they belong to. */

/** The project's id (`id` in signalbox.yaml): what ownership is decided by. */
export const projectIdTag = "signalbox.project_id";
/** The project's name, for people. */
export const projectNameTag = "signalbox.project";
/** Who used the name first, for people. */
export const claimedByTag = "signalbox.claimed_by";
