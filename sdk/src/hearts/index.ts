export type { Reaction } from './drawings.ts';
export { createHearts, type Hearts, type HeartsOptions } from './hearts.ts';
export { paintReaction, type ReactionPainter } from './reactions.ts';
export type { Burst } from './renderer.ts';
