/** A pid counts within one PID namespace of one host. */
export const leaseSpace = `
ALTER TABLE leases ADD COLUMN namespace TEXT NOT NULL DEFAULT '';
ALTER TABLE leases ADD COLUMN host TEXT NOT NULL DEFAULT '';
`;
