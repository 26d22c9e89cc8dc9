/** Number of the wire's protocol: raised when an older end would misread a message. */
export const protocol = 1;

/** The largest message as JSON, in bytes of UTF-8. */
export const mostMessageBytes: number = 16 * 2 ** 20;

/** The largest binary frame, in bytes: small enough that a cancel is seen between two. */
export const mostFrameBytes: number = 2 ** 20;
