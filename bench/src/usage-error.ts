/** A wrong argument of the command line, or a wrong file that it names: exit code 2. */
export class UsageError extends Error {}
