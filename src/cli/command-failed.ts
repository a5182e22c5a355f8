/** Ends the command with one sentence. */
export class CommandFailed extends Error {}
